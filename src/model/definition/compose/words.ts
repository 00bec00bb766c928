/** A command line as Compose reads it: words and quotes as a shell has them, and nothing else of a shell. Nothing when a quote is open. */
export function wordsOf(line: string): string[] | undefined {
  const words: string[] = []
  const pattern = /\s+|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\]+)/y
  let word: string | undefined
  while (pattern.lastIndex < line.length) {
    const match = pattern.exec(line)
    if (!match) return undefined
    const [space, single, double, escaped, bare] = match
    const part = single ?? double?.replace(/\\(["\\$`])/g, '$1') ?? escaped ?? bare
    if (part !== undefined) word = (word ?? '') + part
    else if (space && word !== undefined) {
      words.push(word)
      word = undefined
    }
  }
  return word === undefined ? words : [...words, word]
}
