import { readFile } from 'node:fs/promises'
import { refuse } from '../model/refusal.ts'
import { readStdin } from './prompt.ts'
import { UsageError } from './usage.ts'

/** `NAME=value`; `NAME=-` reads standard input, `NAME=@FILE` a file: one line break at their end is left off. */
export async function assignments(args: readonly string[], command: string): Promise<Record<string, string>> {
  const pairs = args.map((arg) => split(arg, command))
  if (pairs.filter(([, value]) => value === '-').length > 1)
    throw new UsageError('standard input can be the value of one variable only', command)
  return Object.fromEntries(await Promise.all(pairs.map(async ([name, value]) => [name, await read(value)] as const)))
}

function split(arg: string, command: string): [string, string] {
  const at = arg.indexOf('=')
  if (at < 1) throw new UsageError(`"${arg}" is not NAME=VALUE`, command)
  return [arg.slice(0, at), arg.slice(at + 1)]
}

async function read(value: string): Promise<string> {
  if (value === '-') return withoutLastBreak(await readStdin())
  return value.startsWith('@') ? withoutLastBreak(await fileText(value.slice(1))) : value
}

const withoutLastBreak = (text: string) => text.replace(/\r?\n$/, '')

async function fileText(path: string): Promise<string> {
  const bytes = await readFile(path).catch(() =>
    refuse('INVALID', `@${path}`, 'no such file; a value that starts with @ can be given on standard input (NAME=-)'),
  )
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return refuse('INVALID', `@${path}`, 'is not text in UTF-8')
  }
}
