import { refuse } from '../../model/refusal.ts'

const deepest = 32

/** JSON that means one thing only: no key twice, no `__proto__`, no half characters, not too deep. */
export function strictJson(text: string): unknown {
  const value = parsed(text)
  checkTokens(text)
  return value
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return refuse('INVALID', 'body', 'is not valid JSON')
  }
}

/** Linear on valid JSON only, for there every string ends. */
const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:]/g

/** A string right before a colon is a key of the innermost object. */
function checkTokens(text: string) {
  const open: Set<string>[] = []
  let string = ''
  for (const [found] of text.matchAll(token)) {
    if (found === '{' || found === '[') enter(open)
    else if (found === '}' || found === ']') open.pop()
    else if (found === ':') checkKey(String(JSON.parse(string)), open.at(-1))
    else string = checkedString(found)
  }
}

function enter(open: Set<string>[]) {
  if (open.push(new Set()) > deepest) refuse('INVALID', 'body', `is nested deeper than ${deepest} levels`)
}

function checkedString(literal: string): string {
  if (literal.includes('\\u') && !String(JSON.parse(literal)).isWellFormed()) {
    refuse('INVALID', 'body', 'holds half of a character (a lone surrogate)')
  }
  return literal
}

function checkKey(key: string, known: Set<string> | undefined) {
  if (key === '__proto__') refuse('INVALID', 'body', 'the key "__proto__" cannot be used')
  if (known?.has(key)) refuse('INVALID', 'body', `the key ${JSON.stringify(key.slice(0, 100))} is given twice`)
  known?.add(key)
}
