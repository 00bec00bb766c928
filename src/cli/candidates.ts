import type { Command } from './command.ts'
import { optionsOf, verbsOf } from './parse.ts'

type Commands = ReadonlyMap<string, Command>

/** What may stand at the end of a command line: `apps` where the name of an app belongs. */
export function candidates(words: readonly string[], commands: Commands): readonly string[] | 'apps' {
  const [current = '', previous = ''] = [words.at(-1), words.at(-2)]
  const names = [...commands.keys()]
  if (previous === '-a' || previous === '--app') return 'apps'
  const command = commandIn(words, commands)
  if (current.startsWith('-')) return startingWith(current, command ? longNames(command) : [])
  if (words.length <= 1) return startingWith(current, firstWords(names))
  return words.length === 2 ? startingWith(current, verbsOf(words[0] ?? '', names)) : []
}

const commandIn = ([noun = '', verb = '']: readonly string[], commands: Commands) =>
  commands.get(`${noun} ${verb}`) ?? commands.get(noun)

const longNames = (command: Command) => Object.keys(optionsOf(command)).map((key) => `--${key}`)

const firstWords = (names: readonly string[]) => [...new Set(names.map((name) => name.split(' ')[0] ?? ''))]

export const startingWith = (start: string, words: readonly string[]) => words.filter((word) => word.startsWith(start))
