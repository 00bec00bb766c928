import { type Api, engineApi } from './api.ts'
import { containers } from './containers.ts'
import { images } from './images.ts'
import { packages } from './packages.ts'
import { registryImages } from './registry.ts'
import { services } from './services.ts'
import { workplaces } from './work.ts'

export type Engine = ReturnType<typeof openEngine>

/** The Docker Engine and Swarm, as few verbs as Berth needs. */
export function openEngine(socketPath: string) {
  const api: Api = engineApi(socketPath)
  return {
    api,
    containers: containers(api),
    images: images(api),
    registry: registryImages(api),
    packages: packages(api),
    services: services(api),
    work: workplaces(api),
    version: () => api.json<{ Version: string; ApiVersion: string; Arch: string }>({ path: '/version' }),
  }
}
