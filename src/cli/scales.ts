import { cores, megabytes, wholeNumber } from './numbers.ts'
import { UsageError } from './usage.ts'

type Change = { count?: number; memoryMb?: number; cpu?: number }
type Sizes = { readonly memory?: string | undefined; readonly cpu?: string | undefined }

/** `web=2`, `worker=1:1024M`, `web=2:1G:0.5`, or `web` with --memory or --cpu. */
export function scaleChanges(args: readonly string[], { memory, cpu }: Sizes): Record<string, Change> {
  const shared: Change = {
    ...(memory !== undefined && { memoryMb: megabytes(memory) }),
    ...(cpu !== undefined && { cpu: cores(cpu) }),
  }
  const sized = Object.keys(shared).length > 0
  if (args.length === 0 && sized) throw new UsageError('name the processes that --memory and --cpu are for', 'scale')
  return Object.fromEntries(args.map((arg) => oneChange(arg, shared, sized)))
}

function oneChange(arg: string, shared: Change, sized: boolean): [string, Change] {
  const [process = '', size] = arg.split('=', 2)
  if (size === undefined && !sized) throw new UsageError(`how many? Say ${process}=2, for example`, 'scale')
  return [process, { ...shared, ...(size === undefined ? {} : sizeOf(size)) }]
}

function sizeOf(text: string): Change {
  const [count = '', memory, cpu] = text.split(':', 3)
  return {
    ...(count !== '' || memory === undefined ? { count: wholeNumber('a count', count) } : {}),
    ...(memory ? { memoryMb: megabytes(memory) } : {}),
    ...(cpu ? { cpu: cores(cpu) } : {}),
  }
}
