type Limits = { readonly bytes: number; readonly lines: number }

/** Less than a log keeps, so that none loses its middle. */
const most: Limits = { bytes: 3 * 1024 * 1024, lines: 50_000 }

/** Passes on what steps print up to a limit, and says where it stops; what we say ourselves is always passed on. */
export function bounded(log: (line: string) => void, limits: Limits = most): (line: string) => void {
  let [bytes, lines] = [0, 0]
  return (line) => {
    if (!line.startsWith('       ')) return log(line)
    const wasOpen = bytes < limits.bytes && lines < limits.lines
    bytes += line.length
    lines++
    if (bytes < limits.bytes && lines < limits.lines) log(line)
    else if (wasOpen) log(` !     ${tooMuch(limits)}`)
  }
}

const tooMuch = ({ bytes, lines }: Limits) =>
  `The build has printed ${Math.round(bytes / 1_048_576)} MB or ${lines} lines: it goes on, and what else it prints is left out`
