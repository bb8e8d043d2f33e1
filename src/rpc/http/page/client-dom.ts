/** What the script of the page uses of a browser: this program is compiled without the library of the DOM. */
export interface PageWindow {
  readonly document: PageDocument;
  readonly location: { readonly pathname: string; reload(): void };
  readonly history: { replaceState(data: null, unused: string, url: string): void };
  readonly EventSource: new (url: string) => PageEventSource;
  setInterval(task: () => void, ms: number): unknown;
}

interface PageDocument {
  title: string;
  readonly hidden: boolean;
  readonly body: PageElement;
  getElementById(id: string): PageElement | null;
  createElement(name: string): PageElement;
  addEventListener(type: string, listener: () => void): void;
}

export interface PageNode {
  readonly nodeName: string;
  nodeValue: string | null;
  readonly childNodes: Iterable<PageNode>;
  readonly attributes?: Iterable<{ readonly name: string; readonly value: string }>;
  appendChild(child: PageNode): void;
  removeChild(child: PageNode): void;
  replaceChild(fresh: PageNode, old: PageNode): void;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
}

export interface PageElement extends PageNode {
  /** Of a template only. */
  readonly content: PageElement;
  readonly children: Iterable<PageElement>;
  readonly childElementCount: number;
  readonly firstElementChild: PageElement | null;
  readonly dataset: Record<string, string | undefined>;
  /** Of a form only. */
  readonly elements: Readonly<Record<"include" | "level", PageElement>>;
  className: string;
  innerHTML: string;
  textContent: string;
  hidden: boolean;
  value: string;
  checked: boolean;
  scrollTop: number;
  readonly scrollHeight: number;
  readonly clientHeight: number;
  addEventListener(type: string, listener: (event: { preventDefault(): void }) => void): void;
}

interface PageEventSource {
  close(): void;
  addEventListener(type: string, listener: (event: { readonly data: string }) => void): void;
}
