import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import type { LogLine } from '../contract/logs.ts'
import { advance, type LogPosition, newLines } from '../model/logLine.ts'
import { Refusal } from '../model/refusal.ts'
import { untilInterrupted } from './interrupt.ts'
import { type Colour, foreign, isTerminal, paint, say, sayJsonLine } from './print.ts'

type Line = z.output<typeof LogLine>
type Read = (signal: AbortSignal, lines: number) => AsyncIterable<Line>
type How = { readonly lines: number; readonly follow: boolean; readonly json: boolean }

const enoughToCatchUp = 1000
const patienceMs = 60_000

/** Prints log lines; when following, a server that went away is waited for, and no line is shown twice. */
export async function showLogs(read: Read, { lines, follow, json }: How): Promise<number> {
  const print = json ? sayJsonLine : (line: Line) => say(formatLine(line))
  const shown = new Map<string, LogPosition>()
  return await untilInterrupted(async (signal) => {
    for (let wanted = lines, since = Date.now(); ; wanted = enoughToCatchUp) {
      const isNew = notShown(new Map(shown))
      try {
        for await (const line of read(signal, wanted)) {
          since = Date.now()
          if (!isNew(line)) continue
          shown.set(line.instance, advance(shown.get(line.instance), line))
          print(line)
        }
        return 0
      } catch (error) {
        if (signal.aborted) return 130
        if (!follow || !isAway(error) || shown.size === 0 || Date.now() - since > patienceMs) throw error
        await sleep(500)
      }
    }
  })
}

const isAway = (error: unknown) => error instanceof Refusal && error.code === 'UNAVAILABLE'

/** After a gap, what was shown comes again first. */
function notShown(before: ReadonlyMap<string, LogPosition>): (line: Line) => boolean {
  const checks = new Map<string, (line: Line) => boolean>()
  return (line) => {
    const check = checks.get(line.instance) ?? newLines(before.get(line.instance), () => new Date().toISOString())
    checks.set(line.instance, check)
    return check(line)
  }
}

/** `14:03:07 web.4f2a | text`, the name in the colour of its process; with the whole time when piped. */
export function formatLine({ at, process, instance, text }: Line): string {
  const time = isTerminal ? paint('dim', localTime(at)) : at
  return `${time} ${paint(colourOf(process), `${process}.${instance.slice(0, 6)}`)} | ${foreign(text)}`
}

const localTime = (at: string) => new Date(at).toTimeString().slice(0, 8)

const palette: readonly Colour[] = ['cyan', 'magenta', 'green', 'yellow', 'blue']

function colourOf(process: string): Colour {
  const sum = [...process].reduce((total, character) => total + character.charCodeAt(0), 0)
  return palette[sum % palette.length] ?? 'cyan'
}
