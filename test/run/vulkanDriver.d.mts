export declare const DRIVER: string;
export declare function vulkanDriver(): string | undefined;
