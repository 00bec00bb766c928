import { lstat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { DirectClient } from '../client/direct.ts'
import type { UploadType } from '../contract/deploys.ts'
import { printable } from '../model/printable.ts'
import { refuse } from '../model/refusal.ts'
import type { Operation } from './follow.ts'
import { pack } from './pack.ts'
import { readStdin } from './prompt.ts'
import { sendFile, sendStream } from './send.ts'
import { describeSource } from './source.ts'
import { UsageError } from './usage.ts'

type Target = { readonly client: DirectClient; readonly app: string }

export type Values = {
  readonly message?: string | undefined
  readonly fresh?: boolean | undefined
  readonly metadata?: boolean | undefined
  readonly 'from-source'?: boolean | undefined
  readonly ref?: string | undefined
  readonly image?: string | undefined
  readonly 'registry-user'?: string | undefined
  readonly 'image-file'?: string | undefined
}

/** From whichever place the options name; else from a folder or a file of this machine. */
export async function deployFrom(target: Target, path: string | undefined, values: Values): Promise<Operation> {
  const ways = waysIn(values)
  if (ways.length > 1) throw new UsageError(`${ways.join(' and ')} do not go together`, 'deploy')
  const [way] = ways
  if (way === undefined) return await fromHere(target, path ?? '.', values)
  if (path !== undefined) throw new UsageError(`${way} sends no folder`, 'deploy')
  return await elsewhere(target, values)
}

function waysIn({ metadata, ref, image, ...values }: Values): string[] {
  const source = values['from-source'] || ref !== undefined
  return [
    ...(metadata ? ['--metadata'] : []),
    ...(source ? [values['from-source'] ? '--from-source' : '--ref'] : []),
    ...(image === undefined ? [] : ['--image']),
    ...(values['image-file'] === undefined ? [] : ['--image-file']),
  ]
}

async function elsewhere({ client, app }: Target, values: Values): Promise<Operation> {
  const params = { app }
  const { metadata, image, ref, message, fresh, 'image-file': file } = values
  if (metadata) {
    const body = { ...(message !== undefined && { message }), ...(fresh && { fresh }) }
    return await client.call('deployMetadata', { params, body })
  }
  if (file !== undefined) return await sendFile({ client, app, type: imageType(file), image: true }, file)
  if (image === undefined) return await client.call('deploySource', { params, body: ref === undefined ? {} : { ref } })
  return await client.call('deployImage', { params, body: { image, ...(await credentials(values)) } })
}

/** The password never stands on a command line. */
async function credentials({ 'registry-user': username }: Values) {
  return username === undefined ? {} : { username, password: (await readStdin()).trim() }
}

async function fromHere({ client, app }: Target, path: string, { message, fresh = false }: Values): Promise<Operation> {
  const type = (await isFile(path)) ? packedType(path) : undefined
  if (type) {
    const said = message ?? printable(basename(path)).slice(0, 60)
    return await sendFile({ client, app, type, message: said, fresh }, path)
  }
  const packed = await pack(path)
  const said = message ?? (await describeSource(path))
  return await sendStream({ client, app, type: 'gzip', message: said, fresh }, packed).catch((error) => {
    throw packed.errored ?? error
  })
}

const isFile = async (path: string) => (await lstat(path).catch(() => undefined))?.isFile() ?? false

const packedType = (path: string): UploadType =>
  typeOf(path) ?? refuse('INVALID', path, 'is no folder, and no .tar, .tar.gz, .tgz or .zip file')

const imageType = (path: string): UploadType => {
  const type = typeOf(path)
  return type === undefined || type === 'zip'
    ? refuse('INVALID', path, 'is no .tar or .tar.gz file of "docker save"')
    : type
}

function typeOf(path: string): UploadType | undefined {
  if (/\.(tar\.gz|tgz)$/i.test(path)) return 'gzip'
  if (/\.tar$/i.test(path)) return 'tar'
  return /\.zip$/i.test(path) ? 'zip' : undefined
}
