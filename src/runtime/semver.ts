type Version = readonly [major: number, minor: number, patch: number]
type Test = (version: Version) => boolean

/** What `~1.2` lets grow: `patch` stays below 1.3 (npm), `minor` below 2 (Composer, RubyGems, pip). */
export type Tilde = 'patch' | 'minor'

const longest = 256

/** Versions that satisfy a range, newest first. A range that cannot be read satisfies nothing. */
export function satisfying(versions: readonly string[], range: string, tilde: Tilde = 'patch'): string[] {
  if (range.length > longest) return []
  const test = rangeTest(usual(range), tilde)
  const parsed = versions.flatMap((text) => {
    const version = exact(text)
    return version && test(version) ? [{ text, version }] : []
  })
  return parsed.toSorted((a, b) => compare(b.version, a.version)).map(({ text }) => text)
}

/** Of versions that may lack their last parts (3.11 is any 3.11.x), the newest that a range admits. */
export function admitted(versions: readonly string[], range: string, tilde: Tilde = 'patch'): string | undefined {
  const whole = versions.flatMap((version) => ['9999', '0'].map((part) => ({ version, full: filled(version, part) })))
  const fits = satisfying(
    whole.map(({ full }) => full),
    range,
    tilde,
  )
  return whole.find(({ full }) => full === fits[0])?.version
}

const filled = (version: string, part: string) => [...version.split('.'), part, part].slice(0, 3).join('.')

/** Composer, RubyGems and pip separate by commas, quote, and write `|`, `==` and `~=`. */
const usual = (range: string) =>
  range
    .replace(/["',]/g, ' ')
    .replace(/\|+/g, '||')
    .replace(/={2,3}/g, '=')
    .replace(/~=/g, '~')
    .replace(/@\w+/g, '')

function exact(text: string): Version | undefined {
  const match = /^v?(\d+)\.(\d+)\.(\d+)$/.exec(text)
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : undefined
}

function rangeTest(range: string, tilde: Tilde): Test {
  const alternatives = range.split('||').map((text) => allOf(text, tilde))
  return (version) => alternatives.some((test) => test?.(version))
}

function allOf(text: string, tilde: Tilde): Test | undefined {
  const hyphen = /^\s*(\S+)\s+-\s+(\S+)\s*$/.exec(text)
  const spaced = text.replace(/(>=|<=|!=|~>|>|<|=|\^|~)\s+/g, '$1').trim()
  const words = hyphen ? [`>=${hyphen[1]}`, `<=${hyphen[2]}`] : spaced.split(/\s+/)
  const tests = words.map((word) => comparator(word, tilde))
  return tests.includes(undefined) ? undefined : (version) => tests.every((test) => test?.(version))
}

const none: Version = [0, 0, 0]

function comparator(word: string, tilde: Tilde): Test | undefined {
  const match = /^(>=|<=|!=|>|<|=|\^|~>?)?v?(\d+|[xX*])?(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:[-+][\w.+-]*)?$/.exec(
    word,
  )
  if (!match) return undefined
  const [, sign = '', ...parts] = match
  const known = parts.slice(0, Math.max(0, wildcardAt(parts))).map(Number)
  const [major, minor = 0, patch = 0] = known
  if (major === undefined) return () => true
  return bounds(sign, [major, minor, patch], known.length, tilde)
}

function wildcardAt(parts: readonly (string | undefined)[]): number {
  const at = parts.findIndex((part) => part === undefined || !/^\d+$/.test(part))
  return at < 0 ? parts.length : at
}

function bounds(sign: string, from: Version, precision: number, tilde: Tilde): Test {
  const above = next(from, precision)
  if (sign === '>=') return (version) => compare(version, from) >= 0
  if (sign === '>')
    return precision < 3 ? (version) => compare(version, above) >= 0 : (version) => compare(version, from) > 0
  if (sign === '<') return (version) => compare(version, from) < 0
  if (sign === '<=')
    return precision < 3 ? (version) => compare(version, above) < 0 : (version) => compare(version, from) <= 0
  if (sign === '!=') return (version) => compare(version, from) < 0 || compare(version, above) >= 0
  const end = next(from, kept(sign, from, precision, tilde))
  return (version) => compare(version, from) >= 0 && compare(version, end) < 0
}

/** How many parts of a version its sign wants to stay. */
function kept(sign: string, from: Version, precision: number, tilde: Tilde): number {
  if (sign === '^') return caret(from, precision)
  if (!sign.startsWith('~')) return precision
  return tilde === 'patch' ? Math.min(precision, 2) : Math.max(1, precision - 1)
}

/** How many parts of `^1.2.3` must stay: up to the first that is not zero. */
const caret = ([major, minor]: Version, precision: number) =>
  major > 0 ? 1 : minor > 0 ? Math.min(2, precision) : precision

function next([major, minor, patch]: Version, precision: number): Version {
  if (precision <= 1) return [major + 1, 0, 0]
  return precision === 2 ? [major, minor + 1, 0] : [major, minor, patch + 1]
}

function compare(a: Version, b: Version): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2]
}

export const majorOf = (version: string) => (exact(version) ?? none)[0]
