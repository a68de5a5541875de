// Which containers are wanted.

export interface Selection {
  readonly include_containers: readonly string[] | undefined;
  readonly exclude_containers: readonly string[] | undefined;
  readonly include_images: readonly string[] | undefined;
  readonly include_labels: readonly string[] | undefined;
}

/** Shorter host names are no ids of containers. */
const SELF_MIN = 6;

/** Whether a container is wanted, by the begin of its id or name. Our own never is: its logs would feed themselves. */
export function isWantedContainer(selection: Selection, id: string, name: string, hostname: string): boolean {
  if (hostname.length >= SELF_MIN && id.startsWith(hostname)) return false;
  const isNamed = (prefix: string): boolean => id.startsWith(prefix) || name.startsWith(prefix);
  const { include_containers: include, exclude_containers: exclude } = selection;
  return (include?.some(isNamed) ?? true) && !(exclude?.some(isNamed) ?? false);
}

/** What the engine is asked for: it looks at images and labels itself. */
export function engineFilters(
  { include_images: images, include_labels: labels }: Selection,
  imageKey: 'ancestor' | 'image',
) {
  return {
    ...(images && images.length > 0 ? { [imageKey]: images } : {}),
    ...(labels && labels.length > 0 ? { label: labels } : {}),
  };
}
