import { jsonErrorAt } from '../model/definition/json.ts'
import { position } from '../model/definition/place.ts'
import { refuse } from '../model/refusal.ts'
import type { Files } from './files.ts'
import type { Candidate, Runtime, When } from './schema.ts'

/** Answers the questions that runtimes ask of a repository; each file is read once. */
export class Facts {
  readonly files: Files
  readonly #texts = new Map<string, Promise<string | undefined>>()
  readonly #values = new Map<string, string>()

  constructor(files: Files) {
    this.files = files
  }

  text(path: string): Promise<string | undefined> {
    const known = this.#texts.get(path) ?? this.files.text(path)
    this.#texts.set(path, known)
    return known
  }

  value(name: string): string | undefined {
    return this.#values.get(name)
  }

  say(name: string, value: string): void {
    this.#values.set(name, value)
  }

  async hold(when: When = {}): Promise<boolean> {
    const { any, none, json, without, text, value } = when
    if (any && !any.some((pattern) => this.#some(pattern))) return false
    if (none?.some((pattern) => this.#some(pattern))) return false
    if (json && (await this.#json(json)) === undefined) return false
    if (without && (await this.#json(without)) !== undefined) return false
    if (text && !new RegExp(text[1], 'm').test((await this.text(text[0])) ?? '')) return false
    return value === undefined || this.#values.has(value)
  }

  async anyHolds(whens: readonly When[]): Promise<boolean> {
    const answers = await Promise.all(whens.map((when) => this.hold(when)))
    return answers.includes(true)
  }

  /** The first candidate's find. */
  async find(candidates: readonly Candidate[]): Promise<string | undefined> {
    for (const candidate of candidates) {
      const found = (await this.hold(candidate.when)) ? await this.#try(candidate) : undefined
      if (found !== undefined) return found
    }
    return undefined
  }

  /** Replaces `{name}` by the values found; nothing when one is missing. */
  fill(template: string): string | undefined {
    const names = [...template.matchAll(/\{([a-zA-Z]+)\}/g)].map((match) => match[1] ?? '')
    if (names.some((name) => !this.#values.has(name))) return undefined
    return template.replace(/\{([a-zA-Z]+)\}/g, (_, name: string) => this.#values.get(name) ?? '')
  }

  /** The names of the keys of an object in a JSON file. */
  async keys(file: string, key: string): Promise<string[]> {
    const found = await this.#json([file, key])
    return typeof found === 'object' && found !== null ? Object.keys(found) : []
  }

  async #try({ path, json, text, match, give }: Candidate): Promise<string | undefined> {
    if (path) return this.#path(new RegExp(`^${path}$`), give)
    const found = json ? plainOf(await this.#json(json)) : text ? await this.#group(text, give) : give
    return found !== undefined && (!match || new RegExp(match).test(found)) ? found : undefined
  }

  #path(expression: RegExp, give = '$1'): string | undefined {
    const file = this.files.files.find((candidate) => expression.test(candidate))
    return file?.replace(expression, give)
  }

  async #group([file, expression]: readonly [string, string], give = '$1'): Promise<string | undefined> {
    const groups = new RegExp(expression, 'm').exec((await this.text(file)) ?? '')
    return groups ? give.replace(/\$(\d)/g, (_, index: string) => groups[Number(index)] ?? '') : undefined
  }

  #some(pattern: string): boolean {
    const { paths } = this.files
    if (!pattern.includes('*')) return paths.has(pattern)
    const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    const expression = new RegExp(`^${parts.join('[^/]*')}$`)
    return [...paths].some((path) => expression.test(path))
  }

  async #json([file, key]: readonly [string, string]): Promise<unknown> {
    const text = await this.text(file)
    return text === undefined ? undefined : dig(parseJson(file, text), key)
  }
}

/** Finds all that a runtime wants to know by name, in the order of its file. */
export async function findValues(facts: Facts, runtime: Runtime): Promise<void> {
  for (const [name, candidates] of Object.entries(runtime.values)) {
    const found = facts.value(name) ?? (await facts.find(candidates))
    if (found !== undefined) facts.say(name, found)
  }
}

function parseJson(file: string, raw: string): unknown {
  const text = raw.replace(/^\uFEFF/, '')
  const wrongAt = jsonErrorAt(text)
  if (wrongAt === undefined) return JSON.parse(text)
  const { line, column } = position(text, wrongAt)
  return refuse('DEFINITION', file, line, column, 'not valid JSON')
}

function dig(value: unknown, key: string): unknown {
  let at = value
  for (const part of key.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined
    at = Reflect.get(at, part)
  }
  return at ?? undefined
}

const plainOf = (value: unknown) => (typeof value === 'string' || typeof value === 'number' ? String(value) : undefined)
