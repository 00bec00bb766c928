import { readdirSync, readFileSync } from 'node:fs'

/** The clock ticks of /proc, the same on every Linux that Node runs on. */
const TICKS = 100
const PAGE = 4096

const read = (path: string) => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

/** The process id in a file, if that process lives and its command line has `mark`. */
export function livingPid(file: string, mark: string): number | null {
  const pid = Number(read(file))
  return pid > 0 && commandLine(pid).includes(mark) ? pid : null
}

export const commandLine = (pid: number) => read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')

export function startOf(pid: number): Date | null {
  const ticks = Number(fieldsOf(pid)[19])
  const boot = Number(/^btime (\d+)$/m.exec(read('/proc/stat'))?.[1])
  return ticks && boot ? new Date((boot + ticks / TICKS) * 1000) : null
}

/** Resident memory of a process and all its descendants. */
export function memoryOf(pid: number): number {
  const parents = new Map(allPids().map((each) => [each, Number(fieldsOf(each)[1])]))
  const within = (each: number): boolean => each === pid || (parents.has(each) && within(parents.get(each) ?? 0))
  return [...parents.keys()].filter(within).reduce((sum, each) => sum + Number(fieldsOf(each)[21] ?? 0) * PAGE, 0)
}

const allPids = () =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)

/** Fields of /proc/PID/stat after the name, which may have spaces and brackets: state, parent, … */
const fieldsOf = (pid: number) =>
  read(`/proc/${pid}/stat`)
    .replace(/^.*\) /s, '')
    .split(' ')
