// Colours of a terminal, or none.

export type Colour = 'red' | 'yellow' | 'blue' | 'bold' | 'boldRed' | 'boldYellow';

const CODES: Readonly<Record<Colour, string>> = {
  red: '31',
  yellow: '33',
  blue: '34',
  bold: '1',
  boldRed: '1;31',
  boldYellow: '1;33',
};

export type Paint = (colour: Colour, text: string) => string;

export function painter(color: boolean): Paint {
  if (!color) return (_, text) => text;
  return (colour, text) => (text.trim() === '' ? text : `\x1b[${CODES[colour]}m${text}\x1b[0m`);
}
