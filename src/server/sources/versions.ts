/** Newest first, as people count: v1.10 before v1.9, a release before what led to it. */
export function byVersion(a: string, b: string): number {
  const [left, right] = [partsOf(b), partsOf(a)]
  for (let at = 0; at < Math.max(left.length, right.length); at++) {
    const difference = compare(left[at], right[at])
    if (difference !== 0) return difference
  }
  return 0
}

const partsOf = (text: string) => text.match(/\d+|[^\d.]+/g) ?? []

function compare(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0
  if (a === undefined) return isWord(b) ? 1 : -1
  if (b === undefined) return isWord(a) ? -1 : 1
  if (isWord(a) || isWord(b)) return isWord(a) && isWord(b) ? (a < b ? -1 : 1) : isWord(a) ? -1 : 1
  return Number(a) - Number(b)
}

const isWord = (part: string | undefined) => part !== undefined && !/^\d/.test(part)
