import { buffer } from 'node:stream/consumers'
import type { Engine } from '../../engine/engine.ts'
import { labels } from '../../model/instance.ts'

const known = new Map<string, string | undefined>()

/** The code name of the release of the distribution that an image is made of, if it says so. Asked once per image. */
export async function suiteOf(engine: Engine, image: string): Promise<string | undefined> {
  if (!known.has(image)) known.set(image, suiteIn(await osRelease(engine, image)))
  return known.get(image)
}

const suiteIn = (text: string) => /^VERSION_CODENAME="?([a-z]+)"?$/m.exec(text)?.[1]

/** Read out of a container that is never started, as a tar file with one small text in it. */
async function osRelease({ api, containers }: Engine, image: string): Promise<string> {
  const body = { Image: image, Cmd: ['true'], Labels: { [labels.owned]: 'true' } }
  const { Id } = await api.json<{ Id: string }>({ method: 'POST', path: '/containers/create', body })
  try {
    const path = `/containers/${Id}/archive`
    return await api
      .stream({ path, query: { path: '/usr/lib/os-release' } })
      .then(buffer)
      .then(String)
      .catch(() => '')
  } finally {
    await containers.remove(Id)
  }
}
