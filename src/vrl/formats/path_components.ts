// Paths of files as Unix reads them: repeated slashes, a slash at the end and `.` anywhere but at the start say nothing.

export interface PathComponent {
  readonly text: string;
  /** Where it ends in the path. */
  readonly end: number;
}

/** The components of a path: `/` for the root, then names, `..`, and a `.` that begins the path. */
export function pathComponents(path: string): PathComponent[] {
  const components: PathComponent[] = [];
  if (path.startsWith('/')) components.push({ text: '/', end: 1 });
  for (let start = 0; start < path.length; ) {
    const slash = path.indexOf('/', start);
    const end = slash === -1 ? path.length : slash;
    const text = path.slice(start, end);
    if (text !== '' && (text !== '.' || start === 0)) components.push({ text, end });
    start = end + 1;
  }
  return components;
}
