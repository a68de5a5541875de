// Compares two ways of doing the same on random cases: `npm run fuzz -- vrl …`, the language and the original;
// `npm run fuzz -- equality …`, the ways in which a pipeline can be run. What each takes stands in its own file.

if (process.argv[2] === 'equality') await import('./fuzz_equality.ts');
else await import('./fuzz_vrl.ts');
