import type { Command, Options } from './command.ts'
import { optionsOf, verbsOf } from './parse.ts'
import { layOut } from './table.ts'

export const usageOf = (name: string, command: Command) =>
  ['berth', name, ...(command.app ? ['[-a APP]'] : []), ...(hasOptions(command) ? ['[options]'] : []), command.args]
    .filter(Boolean)
    .join(' ')

const hasOptions = (command: Command) => Object.keys(command.options ?? {}).length > 0

/** What `berth NAME --help` prints. */
export function commandHelp(name: string, command: Command, names: readonly string[]): string[] {
  const verbs = verbsOf(name, names)
  return [
    command.summary,
    '',
    `Usage: ${usageOf(name, command)}`,
    ...(command.about ? ['', command.about] : []),
    '',
    'Options:',
    ...optionLines(optionsOf(command)),
    '',
    'Examples:',
    ...command.examples.map((example) => `  ${example}`),
    ...(verbs.length > 0 ? ['', `See also: ${verbs.map((verb) => `berth ${name} ${verb}`).join(', ')}`] : []),
  ]
}

export const optionLines = (options: Options) =>
  layOut(Object.entries(options).map(([key, option]) => [`  ${optionName(key, option)}`, option.help]))

const optionName = (key: string, { short, value, type }: Options[string]) =>
  `${short ? `-${short}, ` : '    '}--${key}${type === 'string' ? ` ${value ?? 'VALUE'}` : ''}`

type Loaded = ReadonlyMap<string, Command>

export const groupHelp = (noun: string, commands: Loaded): string[] => [
  `Usage: berth ${noun} VERB`,
  '',
  ...summaries(
    verbsOf(noun, [...commands.keys()]).map((verb) => `${noun} ${verb}`),
    commands,
  ),
  '',
  `berth ${noun} VERB --help tells more.`,
]

const daily = ['deploy', 'ps', 'logs', 'env', 'scale', 'run', 'releases', 'rollback', 'restart', 'open']

/** What `berth help` prints: what is used every day first. */
export function overview(commands: Loaded): string[] {
  const names = [...commands.keys()]
  const here = names.filter((name) => ['up', 'down', 'status', 'doctor'].includes(name))
  const rest = names.filter((name) => !daily.includes(name) && !here.includes(name))
  return [
    'Usage: berth COMMAND [-a APP] [options]',
    '',
    'Every day:',
    ...summaries(daily, commands),
    '',
    'All else:',
    ...summaries(rest, commands),
    '',
    'This machine:',
    ...summaries(here, commands),
    '',
    'berth COMMAND --help tells more. --json works everywhere.',
  ]
}

const summaries = (names: readonly string[], commands: Loaded) =>
  layOut(names.map((name) => [`  ${name}`, commands.get(name)?.summary]))
