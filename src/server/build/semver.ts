type Version = readonly [major: number, minor: number, patch: number]
type Test = (version: Version) => boolean

/** Versions that satisfy a range as npm writes them, newest first. A range that cannot be read satisfies nothing. */
export function satisfying(versions: readonly string[], range: string): string[] {
  const test = rangeTest(range)
  const parsed = versions.flatMap((text) => {
    const version = exact(text)
    return version && test(version) ? [{ text, version }] : []
  })
  return parsed.toSorted((a, b) => compare(b.version, a.version)).map(({ text }) => text)
}

function exact(text: string): Version | undefined {
  const match = /^v?(\d+)\.(\d+)\.(\d+)$/.exec(text)
  return match ? [Number(match[1]), Number(match[2]), Number(match[3])] : undefined
}

function rangeTest(range: string): Test {
  const alternatives = range.split('||').map(allOf)
  return (version) => alternatives.some((test) => test?.(version))
}

function allOf(text: string): Test | undefined {
  const hyphen = /^\s*(\S+)\s+-\s+(\S+)\s*$/.exec(text)
  const spaced = text.replace(/(>=|<=|>|<|=|\^|~)\s+/g, '$1').trim()
  const words = hyphen ? [`>=${hyphen[1]}`, `<=${hyphen[2]}`] : spaced.split(/\s+/)
  const tests = words.map(comparator)
  return tests.includes(undefined) ? undefined : (version) => tests.every((test) => test?.(version))
}

const none: Version = [0, 0, 0]

function comparator(word: string): Test | undefined {
  const match = /^(>=|<=|>|<|=|\^|~>?)?v?(\d+|[xX*])?(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?(?:[-+][\w.+-]*)?$/.exec(word)
  if (!match) return undefined
  const [, sign = '', ...parts] = match
  const known = parts.slice(0, Math.max(0, wildcardAt(parts))).map(Number)
  const [major, minor = 0, patch = 0] = known
  if (major === undefined) return () => true
  return bounds(sign, [major, minor, patch], known.length)
}

function wildcardAt(parts: readonly (string | undefined)[]): number {
  const at = parts.findIndex((part) => part === undefined || !/^\d+$/.test(part))
  return at < 0 ? parts.length : at
}

function bounds(sign: string, from: Version, precision: number): Test {
  const above = next(from, precision)
  if (sign === '>=') return (version) => compare(version, from) >= 0
  if (sign === '>')
    return precision < 3 ? (version) => compare(version, above) >= 0 : (version) => compare(version, from) > 0
  if (sign === '<') return (version) => compare(version, from) < 0
  if (sign === '<=')
    return precision < 3 ? (version) => compare(version, above) < 0 : (version) => compare(version, from) <= 0
  const end =
    sign === '^'
      ? next(from, caret(from, precision))
      : sign.startsWith('~')
        ? next(from, Math.min(precision, 2))
        : above
  return (version) => compare(version, from) >= 0 && compare(version, end) < 0
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
