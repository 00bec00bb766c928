/** One line that an instance wrote. */
export type LogLine = {
  readonly app: string
  readonly process: string
  readonly release: number
  readonly instance: string
  /** ISO 8601 in UTC with nine digits of a second, from the Engine: such times compare as text. */
  readonly at: string
  readonly stream: 'out' | 'err'
  readonly text: string
}

type End = { readonly at: string; readonly count: number }
type Origin = Pick<LogLine, 'at' | 'stream'>

/**
 * Where a kept log ends: of each stream the time of its last line, and how many lines of just that time it holds.
 * Only one stream's times are in order, and the pieces of one long line share theirs.
 */
export type LogPosition = { readonly out?: End; readonly err?: End }

export function advance(position: LogPosition | undefined, { at, stream }: Origin): LogPosition {
  const end = position?.[stream]
  return { ...position, [stream]: { at, count: end?.at === at ? end.count + 1 : 1 } }
}

/** The later of the two ends. */
export function newestTime({ out, err }: LogPosition): string {
  return [out?.at ?? '', err?.at ?? ''].sort()[1] ?? ''
}

/** `whole`: it is the end of its line, where that is known. */
type Read = Origin & { readonly text: string; readonly whole?: boolean }

/**
 * Says of each line of a log read again whether it is new. The Engine may also go back in the middle of a reading:
 * while it follows a log, it repeats a file that was just begun (moby 20.10). Times go back otherwise only when the
 * clock does, which shows in ends that are in the future.
 */
export function newLines(position: LogPosition | undefined, now: () => string): (line: Read) => boolean {
  const isNew = { out: newInStream(position?.out, now), err: newInStream(position?.err, now) }
  return (line) => isNew[line.stream](line)
}

function newInStream(end: End | undefined, now: () => string): (line: Read) => boolean {
  let { at: last, count } = end ?? { at: '', count: 0 }
  /** Of the lines of the last time: how many came in this reading, and which was the first. */
  let again = 0
  let first = ''
  let wasWhole = false
  return ({ at, text, whole = false }) => {
    const wentBack = at < last && last <= now()
    if (wentBack || (at === last && wasWhole && text === first)) again = 0
    wasWhole = whole
    if (wentBack) return false
    if (at !== last) [last, count, again] = [at, 0, 0]
    again += 1
    if (again === 1) first = text
    if (again <= count) return false
    count = again
    return true
  }
}

/** As one word for the wire and the disk, like "o2026-01-01T00:00:00.000000001Z*1,e…". */
export function formatPosition(position: LogPosition): string {
  const words = (['out', 'err'] as const).map((stream) => {
    const end = position[stream]
    return end && `${stream[0]}${end.at}*${end.count}`
  })
  return words.filter(Boolean).join(',')
}

export function parsePosition(text: string): LogPosition {
  const ends = text.split(',').map((word) => {
    const [at = '', count] = word.slice(1).split('*')
    return [word.startsWith('e') ? 'err' : 'out', { at, count: Number(count) }] as const
  })
  return Object.fromEntries(ends)
}
