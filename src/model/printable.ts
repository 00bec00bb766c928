const escapes = [
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it removes
  /(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]/g,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it removes
  /(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?/g,
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it removes
  /\x1b[ -/]*[0-~]/g,
]

/** What of a text a terminal may show: no escape sequences, no control characters but tabs, nothing that turns the reading direction. */
export function printable(text: string): string {
  const plain = escapes.reduce((rest, pattern) => rest.replace(pattern, ''), text)
  return plain.replace(/(?!\t)\p{Cc}|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu, '')
}
