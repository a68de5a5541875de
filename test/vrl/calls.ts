// Random calls of library functions: an example's arguments, changed a little, so that about half of them succeed.

import { getField, setField } from '../../src/event/object.ts';
import type { Kind, ObjectValue, Value } from '../../src/event/value.ts';
import type { KindName, Parameter } from '../../src/vrl/vrl.ts';
import { type Entry, literalEnd, literalValue, type Recipe, type RecipeArgument } from './catalog.ts';
import { anything, type Draft, expression, literalOf } from './expressions.ts';
import { type Chance, KINDS, literal, randomText, randomValue } from './values.ts';

export interface Call {
  /** The call without `!`, from its name to its end. */
  readonly head: string;
  readonly tail: string;
  /** Whether all arguments are known to be of declared kinds: then the declaration says whether it can fail. */
  readonly isExact: boolean;
}

export function textOf(call: Call, bang: boolean): string {
  return `${call.head}${bang ? '!' : ''}${call.tail}`;
}

interface Drawn {
  readonly parameter: Parameter;
  readonly text: string;
  readonly isNamed: boolean;
  readonly isExact: boolean;
}

/**
 * A call of the function, mostly a valid one.
 * @param isCareful it shall succeed: an example is changed less.
 */
export function randomCall(draft: Draft, entry: Entry, isCareful = false): Call {
  const { definition } = entry;
  const recipes = isCareful ? entry.recipes.filter(({ fails }) => !fails) : entry.recipes;
  const recipe = recipes.length > 0 && draft.chance.is(isCareful ? 0.97 : 0.85) ? draft.chance.one(recipes) : undefined;
  const fits = recipe === undefined || mergeEvent(draft.event, recipe.event);
  const drawn = fits && recipe ? fromRecipe(draft, entry, recipe, isCareful) : fromKinds(draft, entry);
  const closure = definition.closure ? closureFor(draft, entry, recipe) : '';
  const texts = arrange(draft.chance, drawn, definition.parameters);
  return { head: definition.name, tail: `(${texts.join(', ')})${closure}`, isExact: drawn.every((one) => one.isExact) };
}

/** Adds what an example needs; false when the event holds something else there. */
export function mergeEvent(event: ObjectValue, needed: ObjectValue | undefined): boolean {
  if (needed === undefined) return true;
  if (Object.keys(needed).some((key) => getField(event, key) !== undefined)) return false;
  for (const key of Object.keys(needed)) setField(event, key, needed[key]!);
  return true;
}

function fromRecipe(draft: Draft, entry: Entry, recipe: Recipe, isCareful: boolean): Drawn[] {
  const { chance } = draft;
  const parameters = new Map(entry.definition.parameters.map((parameter) => [parameter.name, parameter]));
  // One change at most, mostly: arguments belong together.
  const changed = chance.is(isCareful ? 0.15 : 0.55) ? chance.below(recipe.arguments.length + 1) : -1;
  const drawn = recipe.arguments.map((argument, i) =>
    drawArgument(
      draft,
      entry,
      parameters.get(argument.parameter)!,
      argument,
      i === changed || (!isCareful && chance.is(0.04)),
    ),
  );
  for (const parameter of entry.definition.parameters) {
    if (recipe.arguments.some((one) => one.parameter === parameter.name)) continue;
    const pool = entry.pools.get(parameter.name);
    if (parameter.required || !chance.is(0.08) || (pool === undefined && parameter.compileTime)) continue;
    drawn.push({
      parameter,
      isNamed: true,
      ...(pool ? { text: chance.one(pool), isExact: true } : randomArgument(draft, parameter)),
    });
  }
  return drawn;
}

function drawArgument(
  draft: Draft,
  entry: Entry,
  parameter: Parameter,
  { text, isNamed }: RecipeArgument,
  change: boolean,
): Drawn {
  const { chance } = draft;
  const isKnown = !/^[.%]/.test(text) || parameter.kinds.includes('any');
  const keep = { parameter, text, isNamed, isExact: isKnown };
  const value = literalValue(text);
  if (!change) {
    // The same value, but known only when the program runs.
    if (value !== undefined && !parameter.compileTime && chance.is(0.3)) {
      return { ...keep, text: draft.field(value), isExact: parameter.kinds.includes('any') };
    }
    return keep;
  }
  const way = chance.below(10);
  const pool = entry.pools.get(parameter.name);
  if (way < 3 && pool !== undefined) return { ...keep, text: chance.one(pool) };
  if (way < 7 && value !== undefined) {
    const mutated = mutatedValue(chance, value);
    const inPlace = literal(mutated, chance);
    if (inPlace !== undefined && (parameter.compileTime || chance.is(0.6))) return { ...keep, text: inPlace };
    return { ...keep, text: draft.field(mutated), isExact: parameter.kinds.includes('any') };
  }
  if (way < 7) return { ...keep, text: mutatedText(chance, text) };
  return { parameter, isNamed, ...randomArgument(draft, parameter) };
}

function fromKinds(draft: Draft, entry: Entry): Drawn[] {
  const { chance } = draft;
  const drawn: Drawn[] = [];
  for (const parameter of entry.definition.parameters) {
    if (!parameter.required && !chance.is(0.25)) continue;
    const pool = entry.pools.get(parameter.name);
    const isFromPool = pool !== undefined && chance.is(parameter.compileTime ? 0.95 : 0.5);
    const text = isFromPool ? { text: chance.one(pool), isExact: true } : randomArgument(draft, parameter);
    drawn.push({ parameter, isNamed: !parameter.required, ...text });
  }
  return drawn;
}

function kindsOf(names: readonly KindName[]): readonly Kind[] {
  return names.includes('any') ? KINDS : (names as readonly Kind[]);
}

function randomArgument(draft: Draft, parameter: Parameter): { readonly text: string; readonly isExact: boolean } {
  const { chance } = draft;
  const isRight = chance.is(0.95);
  const kind = chance.one(isRight ? kindsOf(parameter.kinds) : KINDS);
  if (parameter.compileTime || chance.is(0.3)) return { text: literalOf(chance, kind), isExact: isRight };
  if (chance.is(0.4)) return { text: expression(draft, kind, 1), isExact: isRight };
  return { text: draft.field(randomValue(chance, kind)), isExact: parameter.kinds.includes('any') };
}

/** Positional, named or mixed. An argument after one that is left out must be named. */
function arrange(chance: Chance, drawn: readonly Drawn[], parameters: readonly Parameter[]): string[] {
  const named = chance.is(0.2);
  const inOrder = [...drawn].sort((a, b) => parameters.indexOf(a.parameter) - parameters.indexOf(b.parameter));
  let isPositional = !named;
  const texts = inOrder.map((one, i) => {
    if (parameters.indexOf(one.parameter) !== i || (one.isNamed && !chance.is(0.2))) isPositional = false;
    return isPositional ? one.text : `${one.parameter.name}: ${one.text}`;
  });
  return named && chance.is(0.5) ? chance.shuffled(texts) : texts;
}

const RESULTS: Readonly<Record<string, Kind>> = { boolean: 'boolean', bytes: 'bytes' };

function closureFor(draft: Draft, entry: Entry, recipe: Recipe | undefined): string {
  if (recipe?.closure !== undefined && draft.chance.is(0.7)) return ` ${recipe.closure}`;
  const input = draft.chance.one(entry.definition.closure!.inputs);
  const names = input.variables.map(() => (draft.chance.is(0.1) ? '_' : draft.fresh('c')));
  const wanted = input.output.includes('any') ? undefined : RESULTS[input.output[0]!];
  const used = names.find((name) => name !== '_');
  const body = wanted ? expression(draft, wanted, 1) : draft.chance.is(0.5) && used ? used : anything(draft, 1);
  const effect = draft.chance.is(0.4) && used ? `${draft.field([])} = ${used}; ` : '';
  return ` -> |${names.join(', ')}| { ${effect}${body} }`;
}

/** A value near the given one. */
export function mutatedValue(chance: Chance, value: Value): Value {
  if (typeof value === 'string') return mutatedText(chance, value);
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number' && Number.isInteger(value)) return value + chance.one([1, -1, 10, -value]);
  if (Array.isArray(value) && value.length > 0) {
    const i = chance.below(value.length);
    if (chance.is(0.3)) return value.filter((_, j) => j !== i);
    return value.map((item, j) => (j === i ? mutatedValue(chance, item) : item));
  }
  return chance.is(0.5) ? value : randomValue(chance, chance.one(KINDS));
}

/** Text with a small change or some: a character less, twice, another, or something put in. */
export function mutatedText(chance: Chance, text: string): string {
  let result = changedText(chance, text);
  while (chance.is(0.3)) result = changedText(chance, result);
  return result;
}

function changedText(chance: Chance, text: string): string {
  const chars = [...text];
  if (chars.length === 0) return randomText(chance);
  const i = chance.below(chars.length);
  switch (chance.below(7)) {
    case 0:
      return chars.filter((_, j) => j !== i).join('');
    case 1:
      return chars.map((char, j) => (j === i ? char + char : char)).join('');
    case 2:
      return chars
        .map((char, j) => (j === i ? chance.one(['0', 'a', '"', ' ', '\\', '=', 'é', '\0', '-', '%']) : char))
        .join('');
    case 3:
      return chars.slice(0, i).join('');
    case 4:
      return chars.slice(0, i).join('') + randomText(chance) + chars.slice(i).join('');
    case 5:
      return chance.is(0.5) ? text.toUpperCase() : text.toLowerCase();
    default:
      return chars.slice(i).join('') + chars.slice(0, i).join('');
  }
}

/** A program text whose string and number literals are changed here and there. */
export function mutatedProgram(chance: Chance, source: string): string {
  let result = '';
  for (let i = 0; i < source.length; ) {
    const end = literalEnd(source, i);
    const piece = source.slice(i, Math.max(end, i + 1));
    const value = end > i && chance.is(0.3) ? literalValue(piece) : undefined;
    const changed = typeof value === 'string' ? literal(mutatedText(chance, value), chance) : undefined;
    result += changed ?? piece;
    i = Math.max(end, i + 1);
  }
  return result.replace(/\b\d{1,3}\b(?![^"\n]*")/g, (number) => (chance.is(0.15) ? String(chance.below(50)) : number));
}
