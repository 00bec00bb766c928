import { existsSync, lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { dirname } from 'node:path'

/** A link that leads nowhere is what a checkout that was moved or removed leaves; anything else of that name stays. */
export function linkFrom(link: string, target: string): void {
  const there = lstatSync(link, { throwIfNoEntry: false })
  if (there && (!there.isSymbolicLink() || existsSync(link))) return
  mkdirSync(dirname(link), { recursive: true })
  rmSync(link, { force: true })
  symlinkSync(target, link)
}
