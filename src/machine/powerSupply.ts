/** A power supply as the Linux kernel describes it; "" where it says nothing. Source: Documentation/ABI/testing/sysfs-class-power. */
export interface PowerSupply {
  /** "Battery", "Mains", "USB", "UPS", "Wireless". */
  readonly type: string;
  /** "Device": it powers a mouse or the like, not the machine. */
  readonly scope: string;
  readonly status: string;
  /** "1" or "2" where power comes from outside. */
  readonly online: string;
}

/** Whether a machine with these supplies runs on battery: one of its own gives power, and nothing from outside does. */
export function isRunningOnBattery(supplies: readonly PowerSupply[]): boolean {
  const own = supplies.filter(({ scope }) => scope !== "Device");
  const isPlugged = own.some(({ type, online }) => type !== "Battery" && type !== "UPS" && Number(online) > 0);
  return !isPlugged && own.some(({ type, status }) => (type === "Battery" || type === "UPS") && status === "Discharging");
}
