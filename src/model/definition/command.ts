const shellWords = /^(exec|if|while|until|for|case|export|set|trap|cd|source|eval|exit|test|\.|:|\[)$/

/**
 * A command line as people write it in a Procfile: text for the shell of the app's own container. A single command
 * replaces that shell, so that it gets the signals itself.
 */
export function shellCommand(line: string): readonly string[] {
  const first = line.trim().split(/\s/, 1)[0] ?? ''
  const single = !/[;&|`(){}<>\n]/.test(line) && !first.includes('=') && !shellWords.test(first)
  return ['/bin/sh', '-c', single ? `exec ${line.trim()}` : line]
}
