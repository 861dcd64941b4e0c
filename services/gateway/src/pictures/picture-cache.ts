/** Least recently used drawn pictures, bounded by their bytes. */
export class PictureCache {
  private readonly pictures = new Map<string, Uint8Array>();
  private held = 0;

  constructor(private readonly maxBytes: number) {}

  get bytes(): number {
    return this.held;
  }

  get(key: string): Uint8Array | undefined {
    const picture = this.pictures.get(key);
    if (picture === undefined) return undefined;
    // Moving it to the end makes the map's order the order of use.
    this.pictures.delete(key);
    this.pictures.set(key, picture);
    return picture;
  }

  set(key: string, picture: Uint8Array): void {
    const old = this.pictures.get(key);
    if (old !== undefined) this.held -= old.length;
    this.pictures.delete(key);
    if (picture.length > this.maxBytes) return;
    this.pictures.set(key, picture);
    this.held += picture.length;
    for (const [oldest, bytes] of this.pictures) {
      if (this.held <= this.maxBytes) return;
      this.pictures.delete(oldest);
      this.held -= bytes.length;
    }
  }
}
