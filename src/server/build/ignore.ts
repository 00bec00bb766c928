import { refuse } from '../../model/refusal.ts'

/** Which paths a .dockerignore leaves out; the last pattern that says something about a path, or about a folder above it, wins. */
export function ignoring(text: string): (path: string) => boolean {
  const rules = text.split(/\r?\n/).flatMap(ruleOf)
  if (rules.length > mostRules) refuse('TOO_LARGE', 'the list in .dockerignore', `${mostRules} patterns`)
  return (path) => {
    const parts = path.split('/')
    return rules.reduce((ignored, rule) => (covers(rule.parts, parts) ? !rule.keeps : ignored), false)
  }
}

/** Each is tried on each file. */
const mostRules = 1_000

type Rule = { readonly parts: readonly string[]; readonly keeps: boolean }

function ruleOf(line: string): Rule[] {
  if (/^\s*(#|$)/.test(line)) return []
  const trimmed = line.trim()
  const keeps = trimmed.startsWith('!')
  const pattern = keeps ? trimmed.slice(1).trim() : trimmed
  const parts = pattern.split('/').filter((part) => part !== '' && part !== '.')
  return [
    {
      keeps,
      parts: parts.flatMap((part) => (part.startsWith('**') && part !== '**' ? ['**', part.slice(1)] : [part])),
    },
  ]
}

/** A pattern covers what it matches and all that lies below. Rows of a table instead of recursion: hostile patterns cost no more. */
function covers(pattern: readonly string[], path: readonly string[]): boolean {
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

/** `*` and `?` inside one name; goes back to the last star only, so it never takes long. */
function matches(pattern: string, name: string): boolean {
  let [at, from, star, mark] = [0, 0, -1, 0]
  while (from < name.length) {
    if (pattern[at] === '*') [star, mark, at] = [at, from, at + 1]
    else if (pattern[at] === '?' || (at < pattern.length && pattern[at] === name[from])) [at, from] = [at + 1, from + 1]
    else if (star >= 0) [at, from, mark] = [star + 1, mark + 1, mark + 1]
    else return false
  }
  return pattern.slice(at).replaceAll('*', '') === ''
}
