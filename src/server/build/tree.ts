import { refuse } from '../../model/refusal.ts'
import type { Member } from './tar.ts'

export type Entry = {
  readonly path: string
  readonly kind: 'file' | 'folder' | 'link'
  readonly executable: boolean
  readonly size: number
  readonly mtime: number
  readonly target: string
  readonly offset: number
}

export const sourceLimits = {
  entries: 100_000,
  bytes: 2 * 1024 ** 3,
  depth: 64,
  path: 1_024,
} as const

/** The entries of a source by path. Refuses whatever could reach out of it or is no part of a source tree. */
export class Tree {
  readonly entries = new Map<string, Entry>()
  /** Where the content of the last file ends in the tar file. */
  end = 0
  #bytes = 0
  #steps = 0

  file(path: string): Entry | undefined {
    const entry = this.entries.get(path)
    return entry?.kind === 'file' ? entry : undefined
  }

  /** Paths of all files, in the order of the tar file. */
  get files(): string[] {
    return [...this.entries.values()].flatMap((entry) => (entry.kind === 'file' ? [entry.path] : []))
  }

  add(member: Member): void {
    const path = safePath(member.path)
    if (path === '') return
    const entry = this.#entryOf(member, path)
    if (this.entries.has(path) && entry.kind !== 'folder') refuse('SOURCE', `${show(path)} is in it twice`)
    this.#count(entry)
    this.entries.set(path, entry)
  }

  /** What can only be seen with all entries known. */
  check(): void {
    for (const entry of this.entries.values()) {
      this.#checkParents(entry.path)
      if (entry.kind === 'link') this.#checkLink(entry)
    }
  }

  #entryOf(member: Member, path: string): Entry {
    const { mode, size, mtime, target, offset } = member
    const entry = { path, executable: false, size: 0, mtime, target: '', offset }
    if (member.type === '0' || member.type === '7') {
      return member.path.endsWith('/')
        ? { ...entry, kind: 'folder' }
        : { ...entry, kind: 'file', size, executable: (mode & 0o111) !== 0 }
    }
    if (member.type === '5') return { ...entry, kind: 'folder' }
    if (member.type === '2') return { ...entry, kind: 'link', target }
    if (member.type === '1') return this.#hardLink(entry, target)
    return refuse(
      'SOURCE',
      `${show(path)} is ${specials[member.type] ?? 'of an unknown kind'}; only files, folders and links are taken`,
    )
  }

  /** A second name of a file becomes a second file. */
  #hardLink(entry: Omit<Entry, 'kind'>, target: string): Entry {
    const original = this.file(safePath(target))
    if (!original)
      return refuse('SOURCE', `${show(entry.path)} is a hard link to ${show(target)}, which is not in the source`)
    return { ...original, path: entry.path }
  }

  #count(entry: Entry): void {
    this.#bytes += entry.size
    this.end = Math.max(this.end, entry.offset + entry.size)
    if (this.entries.size >= sourceLimits.entries) refuse('SOURCE', `it has more than ${sourceLimits.entries} files`)
    if (this.#bytes > sourceLimits.bytes) refuse('SOURCE', 'its files are larger than 2 GiB together')
  }

  #checkParents(path: string): void {
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
      const parent = this.entries.get(path.slice(0, at))
      if (parent && parent.kind !== 'folder') {
        refuse('SOURCE', `${show(path)} lies behind ${show(parent.path)}, which is not a folder`)
      }
    }
  }

  #checkLink({ path, target }: Entry): void {
    const leadsOut = () =>
      refuse(
        'SOURCE',
        `the link ${show(path)} leads out of the source, to ${show(target)}; replace it by a file, or by a relative link inside`,
      )
    if (target === '' || target.startsWith('/') || /\p{Cc}/u.test(target)) leadsOut()
    if (this.#resolve(folderOf(path), target, 0) === undefined) leadsOut()
  }

  /** Where a target ends, following the links on its way; nothing when that is outside. */
  #resolve(from: string, target: string, depth: number): string | undefined {
    let at = from
    for (const part of target.split('/')) {
      const next = this.#step(at, part, depth)
      if (next === undefined) return undefined
      at = next
    }
    return at
  }

  #step(at: string, part: string, depth: number): string | undefined {
    this.#steps += 1
    if (this.#steps > 1_000_000) refuse('SOURCE', 'its links are too tangled to follow')
    if (part === '' || part === '.') return at
    if (part === '..') return at === '' ? undefined : folderOf(at)
    const next = at === '' ? part : `${at}/${part}`
    const entry = this.entries.get(next)
    if (entry?.kind !== 'link') return next
    if (depth >= 40) refuse('SOURCE', `the link ${show(next)} goes in a circle`)
    return entry.target.startsWith('/') ? undefined : this.#resolve(at, entry.target, depth + 1)
  }
}

const specials: Record<string, string> = { '3': 'a device', '4': 'a device', '6': 'a named pipe', S: 'a sparse file' }

export const show = (path: string) => JSON.stringify(path.length > 200 ? `${path.slice(0, 200)}…` : path)

const folderOf = (path: string) => path.slice(0, Math.max(0, path.lastIndexOf('/')))

/** A path relative to the root of the source, without `./` and double slashes. Throws SOURCE. */
function safePath(raw: string): string {
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(raw))
    refuse('SOURCE', `the file name ${show(raw)} has a control character; rename it`)
  if (raw.startsWith('/')) refuse('SOURCE', `${show(raw)} is an absolute path`)
  const parts = raw.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..')) refuse('SOURCE', `${show(raw)} leads out of the source`)
  if (parts.some((part) => part.toLowerCase() === '.git')) {
    refuse('SOURCE', `${show(raw)} belongs to git itself; send the files without ".git"`)
  }
  if (parts.length > sourceLimits.depth) refuse('SOURCE', `${show(raw)} lies deeper than ${sourceLimits.depth} folders`)
  if (Buffer.byteLength(raw) > sourceLimits.path || parts.some((part) => Buffer.byteLength(part) > 255)) {
    refuse('SOURCE', `the file name ${show(raw)} is too long`)
  }
  return parts.join('/')
}
