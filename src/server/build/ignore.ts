import { refuse } from '../../model/refusal.ts'

/** Which paths a .dockerignore leaves out; the last pattern that says something about a path, or about a folder above it, wins. */
export function ignoring(text: string): (path: string) => boolean {
  const rules = text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .flatMap(ruleOf)
  if (rules.length > mostRules) refuse('TOO_LARGE', 'the list in .dockerignore', `${mostRules} patterns`)
  return (path) => {
    const parts = path.split('/')
    return rules.reduce((ignored, rule) => (covers(rule.parts, parts) ? !rule.keeps : ignored), false)
  }
}

/** Each is tried on each file. */
const mostRules = 1_000

type Part = '**' | readonly Token[]
type Rule = { readonly parts: readonly Part[]; readonly keeps: boolean }

function ruleOf(line: string): Rule[] {
  if (/^\s*(#|$)/.test(line)) return []
  const trimmed = line.trim()
  const keeps = trimmed.startsWith('!')
  const pattern = keeps ? trimmed.slice(1).trim() : trimmed
  const parts = pattern.split('/').filter((part) => part !== '' && part !== '.')
  return [
    {
      keeps,
      parts: parts
        .flatMap((part) => (part.startsWith('**') && part !== '**' ? ['**', part.slice(1)] : [part]))
        .map((part) => (part === '**' ? part : tokensOf(part))),
    },
  ]
}

/** A pattern covers what it matches and all that lies below. Rows of a table instead of recursion: hostile patterns cost no more. */
function covers(pattern: readonly Part[], path: readonly string[]): boolean {
  let reached = path.map(() => false)
  let atStart = true
  for (const part of pattern) {
    const next = path.map(() => false)
    let open = part === '**' && atStart
    for (const [index, name] of path.entries()) {
      const before = index === 0 ? atStart : (reached[index - 1] ?? false)
      if (part === '**') open ||= before || (reached[index] ?? false)
      next[index] = part === '**' ? open : before && matches(part, name)
    }
    reached = next
    atStart &&= part === '**'
  }
  return pattern.length > 0 && reached.includes(true)
}

type Token = '*' | ((letter: string) => boolean)

/** Goes back to the last star only, so it never takes long. */
function matches(tokens: readonly Token[], text: string): boolean {
  const name = [...text]
  let [at, from, star, mark] = [0, 0, -1, 0]
  while (from < name.length) {
    const token = tokens[at]
    if (token === '*') [star, mark, at] = [at, from, at + 1]
    else if (token?.(name[from] ?? '')) [at, from] = [at + 1, from + 1]
    else if (star >= 0) [at, from, mark] = [star + 1, mark + 1, mark + 1]
    else return false
  }
  return tokens.slice(at).every((token) => token === '*')
}

/** `*`, `?`, `[a-z]`, `[^a-z]` inside one name, and `\\` in front of what is meant as it is. */
function tokensOf(part: string): Token[] {
  const pieces = part.match(/\*|\?|\[\^?(?:\\.|[^\]\\])+\]|\\.|[\s\S]/gu) ?? []
  return pieces.map((piece): Token => {
    if (piece === '*') return '*'
    if (piece === '?') return () => true
    if (piece.length > 2 && piece.startsWith('[')) return letters(piece.slice(1, -1))
    const literal = piece.length > 1 && piece.startsWith('\\') ? piece.slice(1) : piece
    return (letter) => letter === literal
  })
}

function letters(text: string): (letter: string) => boolean {
  const others = text.startsWith('^')
  const singles = (others ? text.slice(1) : text).match(/\\?[\s\S](?:-\\?[\s\S])?/gu) ?? []
  const ranges = singles
    .map((range) => range.replace(/\\(?=[\s\S])/g, ''))
    .map((range) => [range[0] ?? '', range[2] ?? range[0] ?? ''])
  return (letter) => ranges.some(([first = '', last = '']) => letter >= first && letter <= last) !== others
}
