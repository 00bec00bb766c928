import type { HostSettings } from '../../lib/hostSettings.ts'
import { refuse } from '../../model/refusal.ts'
import { hostArguments, hostMounts } from './render.ts'

type Changed = { readonly text: string; readonly notes: readonly string[] }
type Line = { readonly text: string; readonly keyword: string }

/** A text that changes with the variables of these names; empty when none of them is there. */
type MarkOf = (names: readonly string[]) => string

/**
 * Lets every RUN of a Dockerfile see the host's settings, and run again when a variable that it mounts has changed. Only the first line of an instruction is touched; what stands
 * in continuation lines and here-documents is copied as it is.
 */
export function withHostSettings(raw: string, host: HostSettings, markOf: MarkOf = () => ''): Changed {
  const original = raw.replace(/^\uFEFF/, '')
  const notes: string[] = []
  const lines = scan(withoutFrontend(original, notes), escapeMarkOf(original))
  const mounts = hostMounts(host).join(' ')
  const args = hostArguments(host)
  const changed = lines.flatMap(({ text, keyword }) => {
    if (keyword === 'RUN' && mounts) return [text.replace(/^(\s*RUN)(?=\s)/i, `$1 ${mounts}`)]
    return [text]
  })
  const secrets = mountedSecrets(lines)
  const marks = (index: number) => markOf(secrets.get(index) ?? [])
  return { text: insertArguments(lines, changed, args, marks).join('\n'), notes }
}

/** Each instruction with its continuation lines, without comments. */
export function instructionsOf(text: string): { readonly keyword: string; readonly text: string }[] {
  const found: { keyword: string; lines: string[] }[] = []
  for (const { keyword, text: line } of scan(text, escapeMarkOf(text))) {
    if (keyword !== '') found.push({ keyword, lines: [line] })
    else if (!/^\s*#/.test(line)) found.at(-1)?.lines.push(line)
  }
  return found.map(({ keyword, lines }) => ({ keyword, text: lines.join('\n') }))
}

/** Names of build arguments that a Dockerfile declares. */
export function declaredArguments(text: string): string[] {
  const instructions = instructionsOf(text).filter(({ keyword }) => keyword === 'ARG')
  return instructions.flatMap((line) => line.text.match(/(?<=\s)[A-Za-z_]\w*(?==|\s|$)/g) ?? [])
}

/** Of each line that starts a RUN, the secrets that it mounts: BuildKit does not look at what is in them. */
function mountedSecrets(lines: readonly Line[]): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, string[]>()
  let run: string[] | undefined
  for (const [index, { text, keyword }] of lines.entries()) {
    if (keyword !== '') run = keyword === 'RUN' ? [] : undefined
    if (run && keyword !== '') found.set(index, run)
    run?.push(...text.split(/\s+/).flatMap(secretOf))
  }
  return found
}

function secretOf(flag: string): string[] {
  const fields = flag.startsWith('--mount=') ? flag.slice('--mount='.length).split(',') : []
  const ids = fields.flatMap((field) => (field.startsWith('id=') ? [field.slice('id='.length)] : []))
  return fields.includes('type=secret') ? ids : []
}

const escapeMarkOf = (text: string) => (/^#\s*escape\s*=\s*`\s*$/im.test(directives(text)) ? '`' : '\\')

/** Comment lines at the very start, where directives may stand. */
function directives(text: string): string {
  return /^(?:\s*#.*\n?)*/.exec(text)?.[0] ?? ''
}

/** The frontend is the Engine's own: another one would be fetched from a registry at every build, and could do anything. */
function withoutFrontend(text: string, notes: string[]): string {
  const start = directives(text)
  const body = text.slice(start.length)
  if (/^\s*(?:\/\/|\{)/.test(body)) refuse('SOURCE', 'the Dockerfile starts with something that is no instruction')
  const silenced = start.split('\n').map((line) => {
    const frontend = /^\s*#\s*syntax\s*=\s*(\S*)/i.exec(line)?.[1]
    if (frontend === undefined) return line
    notes.push(`"# syntax=${frontend}" is left out: the Engine's own Dockerfile frontend is used`)
    return '#'
  })
  return silenced.join('\n') + body
}

/** Each line with the keyword of the instruction that starts on it; none for continuations, comments and here-documents. */
function scan(text: string, escapeMark: string): Line[] {
  const lines: Line[] = []
  let continues = false
  let waiting: string[] = []
  for (const line of text.split('\n')) {
    if (waiting.length > 0) {
      lines.push({ text: line, keyword: '' })
      if (line.replace(/\r$/, '').replace(/^\t+/, '') === waiting[0]) waiting = waiting.slice(1)
      continue
    }
    const blank = /^\s*(#.*)?$/.test(line)
    const keyword = continues || blank ? '' : (/^\s*([a-z]+)/i.exec(line)?.[1] ?? '').toUpperCase()
    lines.push({ text: line, keyword })
    if (blank) continue
    continues = line.trimEnd().endsWith(escapeMark)
    if (hasHeredocs(keyword)) waiting = heredocs(line)
  }
  return lines
}

const hasHeredocs = (keyword: string) => keyword === 'RUN' || keyword === 'COPY' || keyword === 'ADD'

const heredocs = (line: string) => [...line.matchAll(/<<-?\s*(["']?)([A-Za-z_]\w*)\1/g)].map((match) => match[2] ?? '')

/** Build arguments go in front of the first RUN of each stage: earlier, they would be of no use. */
function insertArguments(
  lines: readonly Line[],
  changed: readonly string[],
  args: readonly string[],
  marks: (index: number) => string,
): string[] {
  let given = false
  return changed.flatMap((text, index) => {
    const keyword = lines[index]?.keyword
    if (keyword === 'FROM') given = false
    if (keyword !== 'RUN') return [text]
    const first = given ? [] : args
    given = true
    const mark = marks(index)
    return [...first, ...(mark ? [`ARG BERTH_ENV=${mark}`] : []), text]
  })
}
