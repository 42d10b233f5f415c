/** Text as it may stand in an SVG. */
export const escaped = (text: string): string =>
  text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

type Attributes = Readonly<Record<string, string | number>>;

/** One element; numbers to a tenth, which is finer than a pixel. */
export function element(name: string, attributes: Attributes, content = ''): string {
  const all = Object.entries(attributes).map(([key, value]) => {
    const text = typeof value === 'number' ? String(Math.round(value * 10) / 10) : escaped(value);
    return ` ${key}="${text}"`;
  });
  const begin = `<${name}${all.join('')}`;
  return content === '' ? `${begin}/>` : `${begin}>${content}</${name}>`;
}
