import { processName } from '../names.ts'
import { Refusal } from '../refusal.ts'
import type { ProcessType } from '../release.ts'
import { shellCommand } from './command.ts'
import { failAt, type Place } from './place.ts'

export type Procfile = { readonly processes: ProcessType[]; readonly releaseCommand?: readonly string[] }

/** `name: command` lines; `release` is the command that runs before a release starts. */
export function readProcfile(place: Place): Procfile {
  const lines = new Map<string, readonly string[]>()
  let offset = 0
  for (const line of place.text.split('\n')) {
    readLine(place, line.replace(/\r$/, ''), offset, lines)
    offset += line.length + 1
  }
  const release = lines.get('release')
  lines.delete('release')
  const processes = [...lines].map(([name, command]) => ({ name, command }))
  return { processes, ...(release && { releaseCommand: release }) }
}

function readLine(place: Place, line: string, offset: number, lines: Map<string, readonly string[]>): void {
  if (/^\s*(#.*)?$/.test(line)) return
  const colon = line.indexOf(':')
  if (colon < 0) failAt(place, offset, 'expected "name: command"')
  const name = nameAt(place, line.slice(0, colon).trim(), offset)
  const command = line.slice(colon + 1).trim()
  if (command === '') failAt(place, offset + colon + 1, `process "${name}" has no command`)
  const control = line.search(/[^\P{Cc}\t]/u)
  if (control >= 0) failAt(place, offset + control, 'contains a control character')
  if (command.length > 8_192) failAt(place, offset + colon + 1, 'the command is longer than 8192 characters')
  if (lines.has(name)) failAt(place, offset, `process "${name}" is declared twice`)
  lines.set(name, shellCommand(command))
}

function nameAt(place: Place, raw: string, offset: number): string {
  try {
    return processName(raw)
  } catch (error) {
    return failAt(place, offset, error instanceof Refusal ? error.message : String(error))
  }
}
