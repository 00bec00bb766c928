import type { Readable } from 'node:stream'
import { FrameReader } from './frames.ts'

/** Of a longer one the start is kept. */
const longestLine = 65_536

/** The lines of a container's log as it was asked for with timestamps, without them; both streams in one. */
export async function* linesOf(log: Readable): AsyncIterable<string> {
  const frames = new FrameReader()
  let rest = ''
  for await (const chunk of log) {
    rest += frames
      .push(chunk as Buffer)
      .map(({ data }) => data.toString('utf8'))
      .join('')
    const lines = rest.split('\n')
    rest = (lines.pop() ?? '').slice(0, longestLine)
    yield* lines.map(withoutTime)
  }
  if (rest) yield withoutTime(rest)
}

const withoutTime = (line: string) => line.slice(line.indexOf(' ') + 1)
