/**
 * Set-up speaks on stderr only, so that stdout stays for the program.
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`holdfast: ${line}\n`);
}

/** What a person can put right: shown as its message, without a stack. */
export class SetupError extends Error {}

/**
 * Runs a set-up step to its end. A SetupError becomes one line and exit code 1.
 * @param {() => Promise<void>} step
 */
export async function runSetup(step) {
  try {
    await step();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(error.message);
    process.exit(1);
  }
}
