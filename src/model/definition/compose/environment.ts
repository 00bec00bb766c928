import { isMap, isSeq, type Node } from 'yaml'
import { envName } from '../../names.ts'
import { checked, fail } from '../read.ts'
import { placeOf } from '../warnings.ts'
import { readEnvFile } from './envFile.ts'
import type { Interpolated } from './interpolate.ts'
import {
  type Assignment,
  assignmentsOf,
  type Composed,
  insideOf,
  interpolated,
  itemsOf,
  type Member,
  membersOf,
  textOf,
  warn,
} from './values.ts'

export type Environment = {
  readonly env: Readonly<Record<string, string>>
  /** Variables that the file leaves to whoever starts it, and demands. */
  readonly required: readonly string[]
  /** What the service was told to listen on. */
  readonly port?: number
}

/** `env_file`, then `environment` on top of it. */
export function environmentOf(composed: Composed, members: ReadonlyMap<string, Member>): Environment {
  const collected = new Collected(composed)
  const files = members.get('env_file')?.value
  const own = members.get('environment')?.value
  if (files) for (const { path, at } of envFilesOf(composed, files)) collected.file(path, at)
  if (own) for (const assignment of assignmentsOf(composed, own)) collected.assign(assignment)
  return collected.environment()
}

const mostFiles = 10

/** `env_file` is a path, or a list of paths or of maps with a `path`. */
function envFilesOf(composed: Composed, node: Node): { path: string; at: Node }[] {
  const listed = isSeq(node) ? itemsOf(composed, node) : [node]
  if (listed.length > mostFiles) fail(composed.place, node, `has more than ${mostFiles} files`)
  return listed.map((item) => {
    const at = isMap(item)
      ? (membersOf(composed, item).get('path')?.value ?? fail(composed.place, item, 'has no "path"'))
      : item
    return { path: insideOf(composed, at, composed.folder, textOf(composed, at)), at }
  })
}

class Collected {
  readonly #composed: Composed
  readonly #env = new Map<string, string>()
  readonly #required = new Set<string>()
  #port: number | undefined

  constructor(composed: Composed) {
    this.#composed = composed
  }

  environment(): Environment {
    const port = this.#port
    return {
      env: Object.fromEntries(this.#env),
      required: [...this.#required],
      ...(port !== undefined && { port }),
    }
  }

  file(path: string, at: Node): void {
    const { lookup, warnings, variables } = this.#composed
    const text = lookup(path)
    if (text === undefined) {
      this.#warn(at, `${path} is not in the repository; its variables are not set (berth env import)`)
      return
    }
    const found = readEnvFile(placeOf(path, text, warnings), variables)
    for (const [name, value] of found) this.#set(name, value, at)
  }

  assign({ name, raw, at }: Assignment): void {
    const { variables } = this.#composed
    const own = raw ?? (variables.has(name) ? `\${${name}}` : undefined)
    if (own === undefined) this.#ask(name, at)
    else this.#take(name, interpolated(this.#composed, at, own), at)
  }

  #take(name: string, { text, missing }: Interpolated, at: Node): void {
    const demanded = missing.find(({ demand }) => demand !== undefined)
    const alone = missing.length === 1 && missing[0]?.name === name && text === ''
    if (demanded) this.#demand(name, demanded, at)
    else if (alone) this.#ask(name, at)
    else {
      for (const lacking of missing) this.#warn(at, `${lacking.name} is not set in .env, and so left empty in ${name}`)
      this.#set(name, text, at)
    }
  }

  /** Whoever starts it may give a value. */
  #ask(name: string, at: Node): void {
    if (name === 'PORT') return
    this.#env.delete(this.#name(name, at))
    this.#warn(at, `${name} has no value here: berth env set ${name}=…`)
  }

  /** Whoever starts it must give a value. */
  #demand(name: string, of: Interpolated['missing'][number], at: Node): void {
    this.#env.delete(this.#name(name, at))
    this.#required.add(name)
    const why = of.demand ? ` (${of.demand})` : ''
    if (of.name !== name) this.#warn(at, `${of.name} is not known here${why}; set ${name} as a whole: berth env set`)
  }

  #set(name: string, value: string, at: Node): void {
    if (name === 'PORT') this.#listen(value)
    else if (name.startsWith('BERTH_')) this.#warn(at, `${name} is set by Berth, and not from here`)
    else this.#env.set(this.#name(name, at), value)
    this.#required.delete(name)
  }

  #listen(value: string): void {
    if (/^\d{1,5}$/.test(value)) this.#port = Number(value)
  }

  #name = (name: string, at: Node): string => checked(this.#composed.place, at, () => envName(name))

  #warn = (at: Node, message: string): void => warn(this.#composed, at, message)
}
