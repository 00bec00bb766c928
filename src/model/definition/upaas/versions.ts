/** Whether two versions agree as far as both say something: 5 and 5.4 do, 5.3 and 5.4 do not. */
export function versionsAgree(a: string, b: string): boolean {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)]
  return left.every((part, index) => right[index] === undefined || right[index] === part)
}

/** The highest version on offer that one of those asked for agrees with. */
export const agreedVersion = (asked: readonly string[], offered: readonly string[]): string | undefined =>
  offered.toSorted((a, b) => compareVersions(b, a)).find((version) => asked.some((one) => versionsAgree(one, version)))

export function compareVersions(a: string, b: string): number {
  const [left, right] = [a.split('.').map(Number), b.split('.').map(Number)]
  const at = left.findIndex((part, index) => part !== right[index])
  return at < 0 ? left.length - right.length : (left[at] ?? 0) - (right[at] ?? -1)
}
