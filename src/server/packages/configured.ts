import { readFile } from 'node:fs/promises'
import type { Engine } from '../../engine/engine.ts'
import { refuse } from '../../model/refusal.ts'
import { ownRegistry } from './ownRegistry.ts'
import { registryStorage } from './registry.ts'
import { s3Storage } from './s3.ts'
import type { Storage } from './storage.ts'

/** As the settings say it. */
export type PackageSettings = {
  readonly storage: 'local' | 'registry' | 's3'
  /** `host[:port][/folder]`; unless given, our own. */
  readonly registry: string | undefined
  readonly own: { readonly dir: string; readonly port: number }
  readonly s3: {
    readonly url: string
    readonly region: string
    readonly bucket: string | undefined
    readonly folder: string
  }
  readonly user: string
  readonly secretFile: string
}

type With = { readonly engine: Engine; readonly cluster: string }

/** Where packages are kept besides the Engine, or nothing. Throws INVALID where a setting is missing. */
export function storageFrom(settings: PackageSettings, { engine, cluster }: With): Storage | undefined {
  const { storage, user, own, s3, registry } = settings
  if (storage === 'local') return undefined
  const secret = () => secretIn(settings.secretFile)
  if (storage === 's3') {
    const bucket = s3.bucket ?? refuse('INVALID', 'package_s3_bucket', 'package_storage is s3, so it has to be given')
    return s3Storage({ ...s3, bucket, engine, cluster, user, secret })
  }
  const common = { engine, cluster, password: secret }
  if (!registry) {
    const server = `127.0.0.1:${own.port}`
    return ownRegistry(registryStorage({ ...common, server, folder: '', user: 'berth' }), own)
  }
  const [server = '', ...folder] = registry.split('/')
  return registryStorage({ ...common, server, folder: folder.join('/'), user })
}

async function secretIn(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return text.trim() || refuse('UNAVAILABLE', 'the package storage', `its secret is missing: write it into ${file}`)
}
