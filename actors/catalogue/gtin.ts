/** 8, 12, 13 or 14 digits, of which the last is right (GS1 General Specifications 7.9), not all 0. */
export function isGtin(text: string): boolean {
  if (!/^(?:\d{8}|\d{12,14})$/.test(text) || /^0+$/.test(text)) return false;
  let sum = 0;
  for (let i = 0; i < text.length; i++) {
    sum += Number(text[text.length - 1 - i]) * (i % 2 === 0 ? 1 : 3);
  }
  return sum % 10 === 0;
}

/** A GTIN in 14 digits, so that it is one code however it was written; any other text as it is. */
export const plainCode = (text: string): string => (isGtin(text) ? text.padStart(14, '0') : text);
