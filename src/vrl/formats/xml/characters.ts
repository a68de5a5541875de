// The characters of XML and of its names.

/** Whether a UTF-16 unit may stand in a document. */
export function isXmlChar(code: number): boolean {
  return code >= 0x20 ? code < 0xfffe : code === 9 || code === 10 || code === 13;
}

export function isNameStart(code: number): boolean {
  if (code < 128) return isLetter(code) || code === 58 || code === 95;
  return (
    (code >= 0xc0 && code <= 0x2ff && code !== 0xd7 && code !== 0xf7) ||
    (code >= 0x370 && code <= 0x1fff && code !== 0x37e) ||
    code === 0x200c ||
    code === 0x200d ||
    (code >= 0x2070 && code <= 0x218f) ||
    (code >= 0x2c00 && code <= 0x2fef) ||
    (code >= 0x3001 && code <= 0xd7ff) ||
    (code >= 0xf900 && code <= 0xfdcf) ||
    (code >= 0xfdf0 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0xeffff)
  );
}

export function isNameChar(code: number): boolean {
  if (code < 128) return isLetter(code) || (code >= 48 && code <= 58) || code === 95 || code === 45 || code === 46;
  return isNameStart(code) || code === 0xb7 || (code >= 0x300 && code <= 0x36f) || code === 0x203f || code === 0x2040;
}

function isLetter(code: number): boolean {
  const lower = code | 32;
  return lower >= 97 && lower <= 122;
}
