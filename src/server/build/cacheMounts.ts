import { refuse } from '../../model/refusal.ts'

/**
 * Gives every cache mount of a Dockerfile a name of the app's own: names are the Engine's, so that another app's cache
 * could be read, or filled with something. Works on the text, for which flags there are must not hang on how well we
 * tell instructions from here-documents and comments. Throws SOURCE for what it cannot read for certain.
 */
export function withOwnCaches(text: string, prefix: string): string {
  for (const mark of ['\\', '`']) for (const flag of runFlags(joined(text, mark))) checkFlag(flag, text)
  return text.replace(/--mount=\S+/gi, (flag) => (isCache(flag) ? renamed(flag, prefix) : flag))
}

/** What the Engine takes for blanks at the start of a line. */
const blanks = /^[\s\u0085]*/

/** Instructions on one line each, as with this escape character; comments, which nothing continues, left out. */
function joined(text: string, mark: string): string[] {
  const lines: string[] = []
  const continued = new RegExp(`\\${mark}[ \\t]*$`)
  let open = ''
  for (const line of text.split(/\r?\n/)) {
    const start = line.replace(blanks, '')
    if (start === '' || start.startsWith('#')) continue
    const ends = !continued.test(line)
    const whole = open + line.replace(continued, '')
    if (ends) lines.push(whole)
    open = ends ? '' : whole
  }
  return [...lines, open]
}

/** The flags of all RUN instructions, those that another build inherits too. */
function runFlags(lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const rest = /^(?:ONBUILD[\s\u0085]+)*RUN[\s\u0085]+(--.*)$/is.exec(line.replace(blanks, ''))?.[1] ?? ''
    const words = rest.split(/[ \t\v\f\r]+/)
    const end = words.findIndex((word) => !word.startsWith('--'))
    return end < 0 ? words : words.slice(0, end)
  })
}

function checkFlag(flag: string, text: string): void {
  if (/[^\x21-\x7e]/.test(flag)) cannotRead(flag, 'only plain characters are possible in flags')
  if (/["'\\`]/.test(flag)) cannotRead(flag, 'quotes and escapes are not supported in flags')
  if (!/^--mount=/i.test(flag)) return
  if (fieldsOf(flag).some((field) => /^type=.*\$/i.test(field))) cannotRead(flag, 'the type must be plain')
  if (isCache(flag) && !text.includes(flag)) cannotRead(flag, 'it must stand on one line')
}

const cannotRead = (flag: string, reason: string) =>
  refuse('SOURCE', `the Dockerfile's RUN has the flag ${JSON.stringify(flag.slice(0, 200))}: ${reason}`)

const fieldsOf = (flag: string) => flag.slice('--mount='.length).split(',')
const isCache = (flag: string) => fieldsOf(flag).some((field) => field.toLowerCase() === 'type=cache')

function renamed(flag: string, prefix: string): string {
  const fields = fieldsOf(flag)
  const target = fields.find((field) => /^(?:target|dst|destination)=/i.test(field))
  const named = fields.some((field) => /^id=/i.test(field))
  const own = fields.map((field) => field.replace(/^id=/i, `id=${prefix}/`))
  const added = named ? [] : [`id=${prefix}/${target?.replace(/^[^=]*=/, '') ?? ''}`]
  return `--mount=${[...own, ...added].join(',')}`
}
