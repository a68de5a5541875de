// Everything the module exports: the TypeScript beside this folder calls these functions and no others.

export { textBetween } from './between';
export { cutFrames, indexOfByte } from './frames';
export { textHeadedFrames } from './headed';
export { jsonEmit } from './json_emit';
export { jsonIndex } from './json_index';
export { jsonInit } from './json_layout';
export { textEscape, textFrames, textInit, textLines } from './text';
export { isUtf8 } from './utf8';
