import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from '../client/client.ts'
import { showApp } from '../contract/apps.ts'
import { output } from '../lib/exec.ts'
import { Refusal } from '../model/refusal.ts'
import { EXAMPLE } from './hello.ts'
import type { Host } from './host.ts'
import { urlOf } from './http.ts'
import { adminOf, loopbackUrl } from './login.ts'
import type { Print } from './print.ts'
import { settingsFile } from './settings.ts'
import { partsOf } from './status.ts'

/** What there is once Berth is up. The secrets stay in their file. */
export async function inventory(host: Host) {
  const { config, env } = host
  return {
    urls: {
      berth: urlOf(`berth.${config.domain}`, config.http.port),
      api: loopbackUrl(host),
      git: `ssh://git@${config.domain}:${config.ssh.port}`,
    },
    example: await exampleOf(host),
    admin: { user: adminOf(host).user, credentials: config.admin },
    settings: settingsFile(env),
    dataDir: config.dataDir,
    cluster: config.cluster,
    versions: await versionsOf(host),
    parts: await partsOf(host),
  }
}

/** The same for people. */
export async function summarize(host: Host, print: Print): Promise<void> {
  const { config } = host
  const example = await exampleOf(host)
  print.line()
  print.line('Berth is up.')
  print.line(`  Berth and its API   ${urlOf(`berth.${config.domain}`, config.http.port)}`)
  print.line(`  Administrator       ${adminOf(host).user}; the password is in ${config.admin}`)
  if (example) print.line(`  Example app         ${example.url}`)
  print.line()
  print.line('Your own app, from the folder of its git repository:')
  print.line('  berth key add ~/.ssh/id_ed25519.pub')
  print.line('  berth app create blog')
  print.line(`  git push ssh://git@${config.domain}:${config.ssh.port}/blog.git main`)
}

/** Whoever has destroyed it is not told of it. */
async function exampleOf(host: Host): Promise<{ readonly app: string; readonly url: string } | null> {
  const client = connect({ url: loopbackUrl(host), token: adminOf(host).token })
  return await client.call(showApp, { params: { app: EXAMPLE } }).then(
    ({ name, url }) => ({ app: name, url }),
    (error: unknown) => {
      if (error instanceof Refusal && error.code === 'NOT_FOUND') return null
      throw error
    },
  )
}

async function versionsOf({ root, engine }: Host) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const haproxy = /version (\d+\.\d+\S*)/.exec(await output(['/usr/sbin/haproxy', '-v']))?.[1] ?? null
  return { berth: version, node: process.versions.node, docker: (await engine.version()).Version, haproxy }
}
