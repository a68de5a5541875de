// Why a document is not XML.

/** Line and column, from 1. */
export type Position = `${number}:${number}`;

export class XmlProblem extends Error {}
