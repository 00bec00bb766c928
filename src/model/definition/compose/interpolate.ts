export type Interpolated = {
  readonly text: string
  /** Variables that are nowhere set; with the message of `${NAME:?message}` where they must be. */
  readonly missing: readonly { readonly name: string; readonly demand?: string }[]
}

type Variables = ReadonlyMap<string, string>

/** Thrown with what is wrong; who knows the place says where. */
export class BadInterpolation extends Error {}

const mostDeep = 20
const mostText = 65_536

/** `$NAME`, `${NAME}`, `${NAME:-else}`, `${NAME-else}`, `:?`, `?`, `:+`, `+`, and `$$` for a `$`, as the Compose specification has them. */
export function interpolate(text: string, variables: Variables, lenient = false): Interpolated {
  const missing: { name: string; demand?: string }[] = []
  const value = new Interpolation(variables, missing, lenient).all(text, 0)
  return { text: value, missing }
}

const reference = /\$(?:(?<dollar>\$)|(?<bare>[A-Za-z_]\w*)|\{(?<name>[A-Za-z_]\w*)(?<operator>:?[-?+])?)/y

class Interpolation {
  readonly #variables: Variables
  readonly #missing: { name: string; demand?: string }[]
  readonly #lenient: boolean
  #written = 0

  constructor(variables: Variables, missing: { name: string; demand?: string }[], lenient: boolean) {
    this.#variables = variables
    this.#missing = missing
    this.#lenient = lenient
  }

  all(text: string, depth: number): string {
    if (depth > mostDeep) throw new BadInterpolation('variables are nested too deeply')
    let result = ''
    let at = 0
    for (let next = text.indexOf('$'); next >= 0; next = text.indexOf('$', at)) {
      const [value, end] = this.#one(text, next, depth)
      result += text.slice(at, next) + value
      at = end
      this.#count(value)
    }
    return result + text.slice(at)
  }

  #one(text: string, at: number, depth: number): [value: string, end: number] {
    reference.lastIndex = at
    const { dollar, bare, name, operator } = reference.exec(text)?.groups ?? {}
    const after = reference.lastIndex
    if (dollar) return ['$', after]
    if (bare) return [this.#plain(bare), after]
    if (name) return this.#braced(text, { name, operator }, after, depth)
    if (this.#lenient) return ['$', at + 1]
    throw new BadInterpolation('"$" starts a variable here; write "$$" for a "$" of your own')
  }

  #braced(
    text: string,
    { name, operator }: { name: string; operator: string | undefined },
    at: number,
    depth: number,
  ): [string, number] {
    const end = closing(text, at)
    if (end < 0 || (!operator && end > at)) throw new BadInterpolation(`\${${name} is not closed, or not understood`)
    const word = text.slice(at, end)
    return [operator ? this.#chosen(name, operator, word, depth) : this.#plain(name), end + 1]
  }

  #chosen(name: string, operator: string, word: string, depth: number): string {
    const value = this.#get(name)
    const given = operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined
    if (operator.endsWith('+')) return given ? this.all(word, depth + 1) : ''
    if (given) return value ?? ''
    if (operator.endsWith('-')) return this.all(word, depth + 1)
    this.#missing.push({ name, demand: this.all(word, depth + 1) })
    return ''
  }

  #plain(name: string): string {
    const value = this.#get(name)
    if (value === undefined) this.#missing.push({ name })
    return value ?? ''
  }

  #get(name: string): string | undefined {
    return this.#variables.get(name)
  }

  #count(value: string): void {
    this.#written += value.length
    if (this.#written > mostText) throw new BadInterpolation('variables make it too long')
  }
}

/** Where the brace that is open closes; braces of variables in between are passed over. */
function closing(text: string, from: number): number {
  let open = 1
  for (let at = from; at < text.length; at += 1) {
    if (text.startsWith('${', at)) open += 1
    else if (text[at] === '}') open -= 1
    if (open === 0) return at
  }
  return -1
}
