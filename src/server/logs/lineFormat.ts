import type { LogLine } from '../../model/logLine.ts'

/** One line a record, six fields split by tabs, the text last and otherwise as it came: cheap to read from either end. */
export function encode(line: LogLine): string {
  const { at, instance, process, release, stream, text } = line
  const origin = [at, instance, process, release].map((field) => String(field).replace(/\p{Cc}/gu, ' '))
  return `${origin.join('\t')}\t${stream === 'err' ? 'e' : 'o'}\t${oneLine(text)}\n`
}

/** NUL and newline are all that the files cannot hold. */
export function oneLine(text: string): string {
  return /[\0\n]/.test(text) ? text.replaceAll('\0', '\ufffd').replaceAll('\n', ' ') : text
}

const record = /^([^\t]*)\t([^\t]*)\t([^\t]*)\t(\d+)\t([oe])\t/

/** Undefined for what is no record, as a power cut may leave behind. */
export function decode(app: string, text: string): LogLine | undefined {
  const found = record.exec(text)
  if (!found) return undefined
  const [head, at = '', instance = '', process = '', release, stream] = found
  return {
    app,
    process,
    release: Number(release),
    instance,
    at,
    stream: stream === 'e' ? 'err' : 'out',
    text: text.slice(head.length),
  }
}
