/**
 * What a document may be like to be looked at any further: small, shallow, and without the repetitions by which a few
 * letters become much work. It is judged from its text alone, before validation, whose own work they would multiply.
 */
import {
  Kind,
  parse,
  type DirectiveNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { Refusal } from '../errors.ts';

export interface DocumentLimits {
  /** Of the document's text. */
  readonly characters: number;
  readonly tokens: number;
  /** Brackets within brackets, those of arguments included. */
  readonly nesting: number;
  /** Fields below fields. */
  readonly depth: number;
  readonly aliases: number;
  /** Of one operation. */
  readonly rootFields: number;
  readonly directives: number;
  /** Of one operation, each fragment counted wherever it is spread. */
  readonly fields: number;
  /** Of the same name in one selection. */
  readonly repetitions: number;
}

/** Far above what a front end asks, and far below what keeps the process busy. */
export const usualDocumentLimits: DocumentLimits = {
  characters: 200_000,
  tokens: 10_000,
  nesting: 100,
  depth: 20,
  aliases: 500,
  rootFields: 300,
  directives: 200,
  fields: 10_000,
  repetitions: 50,
};

/** The caller asks for more than the gateway does for one request. */
export class LimitError extends Refusal {
  override readonly name = 'LimitError';
  readonly status = 400;
  readonly code = 'LIMIT_EXCEEDED';
  /** What was counted, how much of it there is, and how much there may be. */
  override readonly details: {
    readonly limit: { readonly name: string; readonly value: number; readonly most: number };
  };

  constructor(name: string, value: number, most: number) {
    super(`The operation has too many ${name}: ${value} where ${most} may be. Ask for less at once.`);
    this.details = { limit: { name, value, most } };
  }
}

/** Characters in which not even repetitions are much work. */
const shortDocument = 1000;

/** Of the documents that were let through and are not counted again, all together. */
const mostKnownCharacters = 4_000_000;

export class DocumentGuard {
  readonly #limits: DocumentLimits;
  readonly #known = new Set<string>();
  #knownCharacters = 0;

  constructor(limits: DocumentLimits = usualDocumentLimits) {
    this.#limits = limits;
  }

  /**
   * Text that is no document is let through to where that is told.
   *
   * @throws LimitError
   */
  check(text: string): void {
    if (this.#known.has(text)) return;
    if (text.length > this.#limits.characters) {
      throw new LimitError('characters', text.length, this.#limits.characters);
    }
    const nesting = nestingOf(text, this.#limits.nesting);
    // What is as short as most are, and spreads nothing, can't have too much of anything but depth.
    const isShort = text.length <= shortDocument && !text.includes('...');
    if (isShort && nesting <= this.#limits.depth) return;
    const document = parseWithin(text, this.#limits.tokens);
    if (document === null) return;
    new Count(document, this.#limits).check();
    this.#know(text);
  }

  #know(text: string): void {
    this.#knownCharacters += text.length;
    if (this.#knownCharacters > mostKnownCharacters) {
      this.#known.clear();
      this.#knownCharacters = text.length;
    }
    this.#known.add(text);
  }
}

/** Brackets, and what may contain some that are none. */
const brackets = /[{[(]|[}\])]|"""[^]*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*/g;

/** Before it is parsed, since a parser goes as deep as its text does. How deep that is. */
function nestingOf(text: string, most: number): number {
  let depth = 0;
  let deepest = 0;
  for (const [token] of text.matchAll(brackets)) {
    if (token === '{' || token === '[' || token === '(') depth += 1;
    else if (token === '}' || token === ']' || token === ')') depth -= 1;
    if (depth > most) throw new LimitError('levels of brackets', depth, most);
    deepest = Math.max(deepest, depth);
  }
  return deepest;
}

function parseWithin(text: string, tokens: number): DocumentNode | null {
  try {
    return parse(text, { maxTokens: tokens, noLocation: true });
  } catch (error) {
    // graphql-js says so in words alone.
    if (String(error).includes('tokens')) throw new LimitError('tokens', tokens + 1, tokens);
    return null;
  }
}

/** What a selection comes to, fragments included. */
interface Measure {
  readonly depth: number;
  readonly fields: number;
}

const nothing: Measure = { depth: 0, fields: 0 };

class Count {
  readonly #document: DocumentNode;
  readonly #limits: DocumentLimits;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** By name; null while it is being measured, so that one which contains itself comes to its end. */
  readonly #measured = new Map<string, Measure | null>();
  #aliases = 0;
  #directives = 0;

  constructor(document: DocumentNode, limits: DocumentLimits) {
    this.#document = document;
    this.#limits = limits;
    this.#fragments = new Map(
      document.definitions.flatMap((definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
      ),
    );
  }

  check(): void {
    for (const definition of this.#document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#fragment(definition.name.value);
      if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
      this.#countDirectives(definition.directives);
      for (const variable of definition.variableDefinitions ?? []) this.#countDirectives(variable.directives);
      this.#limit('root fields', this.#rootFields(definition.selectionSet), this.#limits.rootFields);
      this.#selection(definition.selectionSet, 1);
    }
  }

  #fragment(name: string): Measure {
    const known = this.#measured.get(name);
    if (known !== undefined) return known ?? nothing;
    const fragment = this.#fragments.get(name);
    if (fragment === undefined) return nothing;
    this.#measured.set(name, null);
    this.#countDirectives(fragment.directives);
    const measure = this.#selection(fragment.selectionSet, 1);
    this.#measured.set(name, measure);
    return measure;
  }

  #selection({ selections }: SelectionSetNode, level: number): Measure {
    this.#limit('levels', level, this.#limits.depth);
    const names = new Map<string, number>();
    let depth = 0;
    let fields = 0;
    const take = (measure: Measure) => {
      depth = Math.max(depth, measure.depth);
      fields += measure.fields;
      this.#limit('levels', level - 1 + depth, this.#limits.depth);
      this.#limit('fields', fields, this.#limits.fields);
    };
    for (const selection of selections) {
      this.#countDirectives(selection.directives);
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        this.#repeat(names, '...');
        take(this.#selection(selection.selectionSet, level));
      } else if (selection.kind === Kind.FRAGMENT_SPREAD) {
        this.#repeat(names, `...${selection.name.value}`);
        take(this.#fragment(selection.name.value));
      } else {
        if (selection.alias !== undefined) this.#limit('aliases', ++this.#aliases, this.#limits.aliases);
        this.#repeat(names, (selection.alias ?? selection.name).value);
        const below = selection.selectionSet;
        const measure = below === undefined ? nothing : this.#selection(below, level + 1);
        take({ depth: measure.depth + 1, fields: measure.fields + 1 });
      }
    }
    return { depth, fields };
  }

  #rootFields({ selections }: SelectionSetNode): number {
    return selections.reduce((sum, selection) => {
      if (selection.kind === Kind.FIELD) return sum + 1;
      if (selection.kind === Kind.INLINE_FRAGMENT) return sum + this.#rootFields(selection.selectionSet);
      return sum + (this.#fragments.get(selection.name.value)?.selectionSet.selections.length ?? 0);
    }, 0);
  }

  #repeat(names: Map<string, number>, name: string): void {
    const times = (names.get(name) ?? 0) + 1;
    names.set(name, times);
    this.#limit('repetitions of one field', times, this.#limits.repetitions);
  }

  #countDirectives(directives: readonly DirectiveNode[] | undefined): void {
    this.#directives += directives?.length ?? 0;
    this.#limit('directives', this.#directives, this.#limits.directives);
  }

  #limit(name: string, value: number, most: number): void {
    if (value > most) throw new LimitError(name, value, most);
  }
}
