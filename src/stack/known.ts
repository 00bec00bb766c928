import { fileURLToPath } from 'node:url'
import { type Found, ownFiles } from '../lib/ownFiles.ts'
import { readSchemaFile } from '../model/definition/schemaFile.ts'
import { refuse } from '../model/refusal.ts'
import { Stack } from './schema.ts'

export type KnownStacks = Found<Stack>

/** A stack from the text of its file. Throws DEFINITION with file, line and column. */
export const readStack = (file: string, text: string): Stack =>
  readSchemaFile(file, text, { what: 'a stack', schema: Stack })

/** What came with Berth and what the operator put into a folder, whose files win. The same object until a file changes. */
export const stacksIn = ownFiles({
  shipped: fileURLToPath(new URL('../../stacks/', import.meta.url)),
  prefix: 'stacks',
  read: readStack,
})

/** Throws INVALID for one that nobody has written, and UNAVAILABLE for one whose file is broken. */
export function knownStack(name: string, { listed, broken }: KnownStacks, field = 'stack'): Stack {
  if (broken.some((one) => one.name === name))
    refuse('UNAVAILABLE', `the stack "${name}"`, `the operator has to mend its file ("berth doctor" says where)`)
  const found = listed.find(({ value }) => value.name === name)
  if (found) return found.value
  const names = listed.map(({ value }) => value.name)
  return refuse('INVALID', field, `there is no stack "${name}"; there are ${names.join(', ')}`)
}
