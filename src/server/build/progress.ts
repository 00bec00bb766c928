import { type BuildStep, ownSteps } from '../../model/build.ts'
import { printable } from '../../model/printable.ts'

/** How a failed build ended, in words. */
export type Failure = {
  readonly step: string
  readonly exitCode: number | undefined
  readonly reason: string
  /** The last lines that it printed. */
  readonly said: readonly string[]
}

type Vertex = {
  readonly name: string
  readonly title: string | undefined
  readonly began: number
  announced: boolean
  ended: boolean
  last: string[]
}
type Options = {
  readonly log: (line: string) => void
  /** What to call a step, or nothing to pass over it in silence. */
  readonly title: (name: string) => string | undefined
  /** Told of each step that has a title and is over. */
  readonly onStep?: (step: BuildStep) => void
  /** Makes a line fit to be shown: takes out what is secret. */
  readonly redact?: (line: string) => string
}

/** Turns BuildKit's plain progress into lines like Heroku's. Feed it lines; ask for the failure when the build has failed. */
export class Progress {
  readonly #vertices = new Map<string, Vertex>()
  readonly #rest: string[] = []
  readonly #options: Options
  #failed: Vertex | undefined
  #error = ''

  constructor(options: Options) {
    this.#options = options
  }

  line(raw: string): void {
    const text = shortened((this.#options.redact ?? String)(readable(shortened(raw, longestRead))), longestLine)
    const [, id = '', rest = ''] = /^#(\d+) (.*)$/.exec(text) ?? []
    const [, output, end] = rest.match(unfinished(id)) ?? []
    if (end) for (const part of [output ?? '', end]) this.#event(id, part)
    else if (id) this.#event(id, rest)
    else if (text.trim() !== '') this.#rest.push(text)
    if (this.#rest.length > 200) this.#rest.shift()
  }

  failure(): Failure {
    const message = this.#error || this.#rest.at(-1) || 'the build ended without a word'
    const base = /load metadata for (?:docker\.io\/)?(?:library\/)?(\S+)/.exec(this.#failed?.name ?? '')?.[1]
    const code = /exit code: (\d+)/.exec(message)?.[1]
    return {
      step: base ? `FROM ${base}` : short(this.#failed?.title ?? this.#failed?.name ?? 'the start'),
      exitCode: code ? Number(code) : undefined,
      reason: base
        ? `the image cannot be fetched: ${lastPart(message)}`
        : code
          ? lastWords(this.#failed)
          : clipped(cause(message), 500),
      said: [...(this.#failed?.last ?? []), message],
    }
  }

  #event(id: string, rest: string): void {
    const vertex = this.#vertices.get(id)
    if (!vertex) this.#vertices.set(id, this.#begin(rest))
    else if (rest.startsWith('sha256:') || rest === '...' || rest === vertex.name) return
    else if (/^(DONE|CACHED|CANCELED)\b/.test(rest)) this.#end(vertex, rest)
    else if (rest.startsWith('ERROR: ')) this.#fail(vertex, rest.slice(7))
    else this.#output(vertex, rest)
  }

  #begin(name: string): Vertex {
    const began = performance.now()
    return { name, title: this.#options.title(name), began, announced: false, ended: false, last: [] }
  }

  #announce(vertex: Vertex, suffix = ''): void {
    if (vertex.announced || !vertex.title) return
    vertex.announced = true
    this.#options.log(`-----> ${vertex.title}${suffix}`)
  }

  #end(vertex: Vertex, how: string): void {
    if (vertex.ended) return
    vertex.ended = true
    const cached = how.startsWith('CACHED')
    this.#announce(vertex, cached ? ' (cached)' : '')
    const title = vertex.title ?? untitled.find(([name]) => vertex.name.startsWith(name))?.[1]
    if (title && !how.startsWith('CANCELED'))
      this.#options.onStep?.({ title, ms: msOf(how), ...(cached && { cached }) })
  }

  #fail(vertex: Vertex, message: string): void {
    this.#announce(vertex)
    this.#failed = vertex
    this.#error = message
    if (vertex.ended || !vertex.title) return
    vertex.ended = true
    // BuildKit says the time of those alone that are done.
    this.#options.onStep?.({ title: vertex.title, ms: Math.round(performance.now() - vertex.began) })
  }

  #output(vertex: Vertex, rest: string): void {
    const text = /^\d+\.\d+ ?(.*)$/.exec(rest)?.[1]
    if (text === undefined) return
    this.#announce(vertex)
    vertex.last = [...vertex.last.slice(-29), text]
    if (vertex.title) this.#options.log(`       ${text}`)
  }
}

/** What BuildKit does besides, where it can take its time. */
const untitled = [
  ['[internal] load build context', 'Send the source'],
  ['exporting to image', ownSteps.export],
] as const

/** `DONE 1.2s`. */
const msOf = (how: string) => Math.round(Number(/ (\d+(?:\.\d+)?)s/.exec(how)?.[1] ?? 0) * 1000)

const longestLine = 16_384
/** Much more than is shown: a value that the end of a shown line would cut is recognised before. */
const longestRead = 65_536

/** The start of a line, and the end of its step, which can stand on the same line. */
function shortened(text: string, most: number): string {
  if (text.length <= most) return text
  const end = /#\d+ (?:DONE|CACHED|CANCELED|ERROR: ).*$/.exec(text.slice(-longestLine))?.[0] ?? ''
  return text.slice(0, most) + end
}

/** Without colours and cursor movements; of a line drawn several times, the last state. */
export function readable(raw: string): string {
  const states = raw.split('\r')
  const drawn = states.findLast((state) => state !== '') ?? ''
  const prefix = /^#\d+ \d+\.\d+ /.exec(raw)?.[0] ?? ''
  const kept = states.length > 1 && !drawn.startsWith(prefix) ? prefix + drawn : drawn
  return printable(kept)
}

/** Output that does not end with a line break has the end of its step on the same line. */
const unfinished = (id: string) => new RegExp(`^(\\d+\\.\\d+ .*)#${id} ((?:DONE|CACHED|CANCELED|ERROR: ).*)$`)

/** What a program says after it has said what went wrong. */
const afterthought = /^\s*$|complete log of this run|_logs\//

const lastWords = (vertex: Vertex | undefined) =>
  vertex?.last
    .filter((line) => !afterthought.test(line))
    .at(-1)
    ?.trim() ?? ''

const lastPart = (message: string) => message.split(': ').at(-1) ?? message

/** Without the Engine's own words around it, and without its paths. */
function cause(message: string): string {
  const absent = /buildkit-mount\d+\/(\S+): no such file or directory$/.exec(message)?.[1]
  if (absent) return `"${absent}" is not in the source`
  const wrappers =
    /^.*(?:dockerfile parse error|failed to solve[^:]*|failed to create LLB definition|failed to compute cache key):? ?/
  return message.replace(wrappers, '')
}

const short = (title: string) => clipped(title, 80)

const clipped = (text: string, most: number) => (text.length > most ? `${text.slice(0, most)}…` : text)
