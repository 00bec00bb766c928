import { access, readFile, stat } from 'node:fs/promises'

/** The whole disk that a path is on, as `major:minor`; nothing where the file system is not on one of this machine. */
export async function diskOf(path: string): Promise<string | undefined> {
  const { dev } = await stat(path)
  const device = `/sys/dev/block/${major(dev)}:${minor(dev)}`
  const isPartition = await access(`${device}/partition`).then(
    () => true,
    () => false,
  )
  const number = await readFile(isPartition ? `${device}/../dev` : `${device}/dev`, 'utf8').catch(() => undefined)
  return number?.trim()
}

/** As glibc puts them into a number. */
const major = (dev: number) => ((dev >>> 8) & 0xfff) | (Math.floor(dev / 2 ** 32) & 0xfffff000)
const minor = (dev: number) => (dev & 0xff) | ((dev >>> 12) & 0xfff00)
