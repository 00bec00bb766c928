import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import type { Command, Input, Options } from './command.ts'
import { didYouMean } from './suggest.ts'
import { UsageError } from './usage.ts'

export const everywhere = {
  json: { type: 'boolean', help: 'Print exactly what the API returned' },
  help: { type: 'boolean', short: 'h', help: 'Show this text' },
} as const satisfies Options

export const appOption = {
  app: { type: 'string', short: 'a', value: 'APP', help: 'The app (default: that of the git remote "berth")' },
} as const satisfies Options

export type Found =
  | { readonly kind: 'command'; readonly name: string; readonly rest: readonly string[] }
  | { readonly kind: 'group'; readonly name: string }
  | { readonly kind: 'none' }

/** Which command the words name; options may stand before them. */
export function findCommand(argv: readonly string[], names: readonly string[]): Found {
  const start = firstWord(argv)
  const lead = argv.slice(0, start)
  const [noun, verb, ...rest] = argv.slice(start)
  if (noun === undefined) return lead.includes('--version') ? found('version', []) : { kind: 'none' }
  if (verb !== undefined && names.includes(`${noun} ${verb}`)) return found(`${noun} ${verb}`, [...lead, ...rest])
  if (names.includes(noun)) return found(noun, [...lead, ...argv.slice(start + 1)])
  return unknown(noun, verb, names)
}

const found = (name: string, rest: readonly string[]) => ({ kind: 'command', name, rest }) as const

function firstWord(argv: readonly string[]): number {
  const valued = (index: number) => ['-a', '--app'].includes(argv[index] ?? '')
  const index = argv.findIndex((word, i) => !word.startsWith('-') && !valued(i - 1))
  return index === -1 ? argv.length : index
}

function unknown(noun: string, verb: string | undefined, names: readonly string[]): Found {
  const verbs = verbsOf(noun, names)
  if (verbs.length === 0) throw new UsageError(`no command "${noun}"${meantBy(noun, verb, names)}`)
  if (verb === undefined || verb.startsWith('-')) return { kind: 'group', name: noun }
  const hint = didYouMean(verb, verbs, `${noun} `) || `; there are ${verbs.join(', ')}`
  throw new UsageError(`no command "${noun} ${verb}"${hint}`)
}

/** `depoly`, `app:create blog` and `apps create blog` are all close to something. */
const meantBy = (noun: string, verb: string | undefined, names: readonly string[]) =>
  didYouMean(`${noun} ${verb ?? ''}`.trim(), names) || didYouMean(noun, [...names, ...nounsOf(names)])

const nounsOf = (names: readonly string[]) => names.map((name) => name.split(' ')[0] ?? '')

export const verbsOf = (noun: string, names: readonly string[]) =>
  names.filter((name) => name.startsWith(`${noun} `)).map((name) => name.slice(noun.length + 1))

/** The values and arguments of one command, or a UsageError that says what is wrong with them. */
export function parseInput(name: string, command: Command, argv: readonly string[]): Input<Options> {
  if (command.passthrough === 'all') return { args: argv, values: {} }
  const options = optionsOf(command)
  const line = command.passthrough ? untilFirstArgument(argv, options) : argv
  const { tokens } = parseArgs({ args: [...line], options: configOf(options), strict: false, tokens: true })
  const values: Record<string, string | boolean> = {}
  const args: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') args.push(token.value)
    if (token.kind === 'option') take(values, token, options, name)
  }
  if (!values.help) checkCount(name, command, args)
  return { args, values }
}

export const optionsOf = (command: Command): Options => ({
  ...command.options,
  ...(command.app ? appOption : {}),
  ...everywhere,
})

const configOf = (options: Options): ParseArgsOptionsConfig =>
  Object.fromEntries(
    Object.entries(options).map(([key, { type, short }]) => [key, { type, ...(short ? { short } : {}) }]),
  )

function untilFirstArgument(argv: readonly string[], options: Options): readonly string[] {
  const { tokens } = parseArgs({ args: [...argv], options: configOf(options), strict: false, tokens: true })
  const end = tokens.find(({ kind }) => kind !== 'option')
  return end?.kind === 'positional' ? [...argv.slice(0, end.index), '--', ...argv.slice(end.index)] : argv
}

type Token = {
  readonly name: string
  readonly rawName: string
  readonly value: string | undefined
  readonly inlineValue: boolean | undefined
}

function take(
  values: Record<string, string | boolean>,
  { name, rawName, value, inlineValue }: Token,
  options: Options,
  command: string,
) {
  const option = Object.hasOwn(options, name) ? options[name] : undefined
  if (!option) throw new UsageError(`no option ${rawName}${didYouMean(rawName, longNames(options))}`, command)
  if (option.type === 'boolean') {
    if (value !== undefined) throw new UsageError(`${rawName} takes no value`, command)
    values[name] = true
    return
  }
  if (value === undefined || (!inlineValue && /^-./.test(value)))
    throw new UsageError(`${rawName} needs a value: ${rawName} ${option.value ?? 'VALUE'}`, command)
  values[name] = value
}

const longNames = (options: Options) => Object.keys(options).map((key) => `--${key}`)

function checkCount(name: string, command: Command, args: readonly string[]) {
  const words = (command.args ?? '').split(' ').filter(Boolean)
  const missing = words.filter((word) => !word.startsWith('['))[args.length]
  if (missing !== undefined) throw new UsageError(`${missing.replace('…', '')} is missing`, name)
  const extra = args[words.length]
  if (extra === undefined || words.at(-1)?.includes('…')) return
  throw new UsageError(`"${extra}" is one argument too many`, name)
}
