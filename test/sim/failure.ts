/** A rule that did not hold. The first one ends the run. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly rule: string;

  constructor(rule: string, what: string) {
    super(what);
    this.rule = rule;
  }
}
