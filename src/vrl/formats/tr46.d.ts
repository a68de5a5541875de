// The types that the package does not bring itself.

declare module 'tr46' {
  interface Options {
    readonly checkBidi: boolean;
    readonly checkHyphens: boolean;
    readonly checkJoiners: boolean;
    readonly transitionalProcessing: boolean;
    readonly useSTD3ASCIIRules: boolean;
  }
  export function toASCII(domain: string, options: Options & { readonly verifyDNSLength: boolean }): string | null;
  export function toUnicode(domain: string, options: Options): { readonly domain: string; readonly error: boolean };
}
