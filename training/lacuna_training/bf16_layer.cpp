// A Llama layer and a tied cross-entropy head for one core, forward and backward, in bf16 with fp32 sums.
//
// Products run through one kernel of 32 x 32 results: 2 x 2 AMX tiles, or AVX-512's bf16 products where there is no AMX, as the compiler
// is told. Its left operand is either a row-major matrix as it is, or packed tiles; its right operand is packed:
// [columns / 32][depth / 32][2 tiles][16 pairs of depth][16 columns][2].
// Every size must divide by 32, and matrices must begin at a multiple of 64 bytes. One thread: the trainer runs a process a core.
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace {

using bf16 = uint16_t;

#ifdef __AMX_BF16__

struct TileConfig {
  uint8_t palette = 1, start = 0, reserved[14] = {};
  uint16_t columns[16] = {};
  uint8_t rows[16] = {};
} __attribute__((packed));

/// Tiles as this file uses them, for as long as it lives; oneDNN sets its own.
struct Tiles {
  Tiles() {
    static const bool allowed = syscall(SYS_arch_prctl, 0x1023, 18) == 0;
    if (!allowed) std::abort();  // amx.py asked the processor before
    TileConfig config;
    for (int i = 0; i < 8; i++) config.columns[i] = 64, config.rows[i] = 16;
    asm volatile("" : : "r"(&config) : "memory");  // the compiler does not know that the instruction reads it
    _tile_loadconfig(&config);
  }
  ~Tiles() { _tile_release(); }
};

#else

struct Tiles {
  Tiles() {}
  ~Tiles() {}
};

#endif

inline __m512 widen(const bf16* p) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i*)p)), 16)); }
inline void narrow(bf16* p, __m512 x) { _mm256_storeu_si256((__m256i*)p, (__m256i)_mm512_cvtneps_pbh(x)); }

/// e^x to about 2e-7 relative, 0 far below.
inline __m512 exp16(__m512 x) {
  x = _mm512_max_ps(_mm512_min_ps(x, _mm512_set1_ps(88.f)), _mm512_set1_ps(-87.f));
  const __m512 n = _mm512_roundscale_ps(_mm512_mul_ps(x, _mm512_set1_ps(1.44269504f)), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
  __m512 r = _mm512_fnmadd_ps(n, _mm512_set1_ps(0.693145752f), x);
  r = _mm512_fnmadd_ps(n, _mm512_set1_ps(1.42860677e-6f), r);
  __m512 p = _mm512_set1_ps(1.f / 720);
  for (float c : {1.f / 120, 1.f / 24, 1.f / 6, 0.5f, 1.f, 1.f}) p = _mm512_fmadd_ps(p, r, _mm512_set1_ps(c));
  return _mm512_scalef_ps(p, n);
}

/// The transpose of 16 x 16 dwords, from rows `stride` dwords apart into rows of 16.
inline void transpose16(const uint32_t* from, long stride, uint32_t* to) {
  __m512i r[16], t[16];
  for (int i = 0; i < 16; i++) r[i] = _mm512_loadu_si512(from + i * stride);
  for (int i = 0; i < 16; i += 2) t[i] = _mm512_unpacklo_epi32(r[i], r[i + 1]), t[i + 1] = _mm512_unpackhi_epi32(r[i], r[i + 1]);
  for (int i = 0; i < 16; i += 4) {
    r[i] = _mm512_unpacklo_epi64(t[i], t[i + 2]), r[i + 1] = _mm512_unpackhi_epi64(t[i], t[i + 2]);
    r[i + 2] = _mm512_unpacklo_epi64(t[i + 1], t[i + 3]), r[i + 3] = _mm512_unpackhi_epi64(t[i + 1], t[i + 3]);
  }
  for (int i = 0; i < 4; i++) {
    t[i] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0x88), t[i + 4] = _mm512_shuffle_i32x4(r[i], r[i + 4], 0xdd);
    t[i + 8] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0x88), t[i + 12] = _mm512_shuffle_i32x4(r[i + 8], r[i + 12], 0xdd);
  }
  for (int i = 0; i < 4; i++) {
    _mm512_storeu_si512(to + 16 * i, _mm512_shuffle_i32x4(t[i], t[i + 8], 0x88));
    _mm512_storeu_si512(to + 16 * (i + 8), _mm512_shuffle_i32x4(t[i], t[i + 8], 0xdd));
    _mm512_storeu_si512(to + 16 * (i + 4), _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0x88));
    _mm512_storeu_si512(to + 16 * (i + 12), _mm512_shuffle_i32x4(t[i + 4], t[i + 12], 0xdd));
  }
}

/// Rows a and b as dwords (a[i], b[i]).
inline __m512i interleaved(const bf16* a, const bf16* b) {
  return _mm512_or_si512(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i*)a)),
                         _mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i*)b)), 16));
}

/// Right operand whose columns are the rows of w [columns, depth]: y = x w^T.
void pack_rows(const bf16* w, long stride, long columns, long depth, bf16* to) {
  for (long n = 0; n < columns; n += 32)
    for (long k = 0; k < depth; k += 32)
      for (int half = 0; half < 2; half++, to += 512)
        transpose16((const uint32_t*)(w + (n + 16 * half) * stride + k), stride / 2, (uint32_t*)to);
}

/// Right operand that is w [depth, columns] itself: y = x w.
void pack_plain(const bf16* w, long stride, long depth, long columns, bf16* to) {
  for (long k = 0; k < depth; k += 32)
    for (long n = 0; n < columns; n += 16) {
      bf16* tile = to + n / 32 * 32 * depth + k / 32 * 1024 + n % 32 * 32;
      for (int pair = 0; pair < 16; pair++) {
        const bf16* row = w + (k + 2 * pair) * stride + n;
        _mm512_storeu_si512(tile + 32 * pair, interleaved(row, row + stride));
      }
    }
}

/// Left operand that is the transpose of y [depth, rows], as tiles [rows / 16][depth / 32][16][32].
void pack_left(const bf16* y, long stride, long depth, long rows, bf16* to) {
  alignas(64) uint32_t pairs[256];
  for (long k = 0; k < depth; k += 32)
    for (long n = 0; n < rows; n += 16) {
      for (int pair = 0; pair < 16; pair++) {
        const bf16* row = y + (k + 2 * pair) * stride + n;
        _mm512_store_si512(pairs + 16 * pair, interleaved(row, row + stride));
      }
      transpose16(pairs, 16, (uint32_t*)(to + n * depth + k * 16));
    }
}

/// Left operand: where its first tile begins, bytes from row to row, from one 32 of depth to the next, and from one 16 rows to the next.
struct Left {
  const char* at;
  long row, depth, rows16;
  static Left plain(const bf16* a, long stride) { return {(const char*)a, 2 * stride, 64, 32 * stride}; }
  static Left tiles(const bf16* a, long depth) { return {(const char*)a, 64, 1024, 1024 * (depth / 32)}; }
  const char* of(long row) const { return at + row / 16 * rows16; }
};

/// c [32, 32] = (or +=) left rows x right columns over depth blocks [first, last).
#ifdef __AMX_BF16__

inline void product(const Left& left, long row, const bf16* right, long first, long last, float* c, bool adds) {
  const char* a = left.of(row);
  const char* a2 = a + left.rows16;
  const char* b = (const char*)right;
  asm volatile("" ::: "memory");  // the compiler does not know that a tile's load reads what was stored before
  if (adds) {
    _tile_loadd(0, c, 128);
    _tile_loadd(1, c + 16, 128);
    _tile_loadd(2, c + 512, 128);
    _tile_loadd(3, c + 528, 128);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  for (long k = first; k < last; k++) {
    _tile_loadd(4, a + k * left.depth, left.row);
    _tile_loadd(6, b + k * 2048, 64);
    _tile_loadd(7, b + k * 2048 + 1024, 64);
    _tile_loadd(5, a2 + k * left.depth, left.row);
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, c, 128);
  _tile_stored(1, c + 16, 128);
  _tile_stored(2, c + 512, 128);
  _tile_stored(3, c + 528, 128);
}

#else

/// `product` for the 8 rows that begin at `a`.
inline void product8(const char* a, const Left& left, const char* b, long first, long last, float* c, bool adds) {
  __m512 sums[8][2];
  for (int i = 0; i < 8; i++)
    for (int j = 0; j < 2; j++) sums[i][j] = adds ? _mm512_loadu_ps(c + 32 * i + 16 * j) : _mm512_setzero_ps();
  for (long k = first; k < last; k++) {
    const char* at = a + k * left.depth;
    const char* tile = b + k * 2048;
    for (int pair = 0; pair < 16; pair++, at += 4, tile += 64) {
      const __m512bh b0 = (__m512bh)_mm512_load_si512(tile), b1 = (__m512bh)_mm512_load_si512(tile + 1024);
#pragma GCC unroll 8
      for (int i = 0; i < 8; i++) {
        const __m512bh both = (__m512bh)_mm512_set1_epi32(*(const int*)(at + i * left.row));
        sums[i][0] = _mm512_dpbf16_ps(sums[i][0], both, b0);
        sums[i][1] = _mm512_dpbf16_ps(sums[i][1], both, b1);
      }
    }
  }
  for (int i = 0; i < 8; i++)
    for (int j = 0; j < 2; j++) _mm512_storeu_ps(c + 32 * i + 16 * j, sums[i][j]);
}

inline void product(const Left& left, long row, const bf16* right, long first, long last, float* c, bool adds) {
  for (int i = 0; i < 32; i += 8) product8(left.of(row + i / 16 * 16) + i % 16 * left.row, left, (const char*)right, first, last, c + 32 * i, adds);
}

#endif

/// Memory that is kept from call to call.
bf16* scratch(int which, size_t count) {
  static std::vector<std::vector<bf16>> kept(26);
  auto& v = kept[which];
  if (v.size() < count + 32) v.resize(count + 32);
  return (bf16*)(((uintptr_t)v.data() + 63) / 64 * 64);
}
float* scratch32(int which, size_t count) { return (float*)scratch(which, 2 * count); }

/// All of left [rows, depth] x right [depth, columns]; `store(row, column, c)` takes each 32 x 32 of results.
/// Depth is taken in parts, so that a part of 32 columns stays in the first cache while rows stream past it from the second.
template <class Store>
void multiply(const Left& left, const bf16* right, long rows, long columns, long depth, Store store) {
  const long parts = (depth + 319) / 320, blocks = depth / 32;
  const long chunk = std::max(32L, std::min(512L, (512 * 1024 / depth) / 32 * 32));  // rows of `left` that stay in the second cache
  float* sums = scratch32(24, chunk * 32);
  for (long from = 0; from < rows; from += chunk)
    for (long column = 0; column < columns; column += 32) {
      const bf16* panel = right + column * depth;
      const long end = std::min(rows, from + chunk);
      for (long part = 0; part < parts; part++)
        for (long row = from; row < end; row += 32) {
          float* c = sums + (row - from) * 32;
          product(left, row, panel, blocks * part / parts, blocks * (part + 1) / parts, c, part > 0);
          if (part == parts - 1) store(row, column, c);
        }
    }
}

/// All of x [rows, depth] x right, where right is packed once and read often: x is laid out in tiles, rows of it fill most of the second cache,
/// so that weights come past seldom, and a depth that would leave room for few rows is taken in sections, whose sums wait in memory.
/// `store(row, column, c, before)` gets what stands 32 columns to the left of c as well, where column / 32 is odd.
template <class Store>
void multiply_long(const bf16* x, const bf16* right, long rows, long columns, long depth, Store store) {
  bf16* tiles = scratch(1, rows * depth);
  const Left left = Left::tiles(tiles, depth);
  for (long row = 0; row < rows; row += 16)
    for (long k = 0; k < depth; k += 32)
      for (int i = 0; i < 16; i++, tiles += 32) _mm512_store_si512(tiles, _mm512_loadu_si512(x + (row + i) * depth + k));
  constexpr long held = 640 * 1024;  // values of x in the second cache
  const long blocks = depth / 32, sections = (depth + 2303) / 2304, most = sections > 1 ? columns : 64;
  float* sums = scratch32(25, sections > 1 ? rows * columns : 2 * held);
  for (long section = 0; section < sections; section++) {
    const long first = blocks * section / sections, last = blocks * (section + 1) / sections, parts = (last - first + 9) / 10;
    const long chunk = std::max(32L, held / (32 * (last - first)) / 32 * 32);
    for (long from = 0; from < rows; from += chunk)
      for (long column = 0; column < columns; column += 32) {
        const long end = std::min(rows, from + chunk);
        float* panel = sums + column % most * (sections > 1 ? rows : chunk);
        if (sections == 1) panel -= from * 32;
        const float* other = panel + (column % 64 ? -32 : 32) * (sections > 1 ? rows : chunk);
        for (long part = 0; part < parts; part++)
          for (long row = from; row < end; row += 32) {
            product(left, row, right + column * depth, first + (last - first) * part / parts, first + (last - first) * (part + 1) / parts,
                    panel + row * 32, section + part > 0);
            if (section == sections - 1 && part == parts - 1) store(row, column, panel + row * 32, other + row * 32);
          }
      }
  }
}

/// Writes past the caches: each line is written once and whole, and a stride of kilobytes would throw out what is in them.
auto storing(bf16* to, long stride) {
  return [=](long row, long column, const float* c) {
    for (int i = 0; i < 32; i++) {
      bf16* p = to + (row + i) * stride + column;
      _mm512_stream_si512((__m512i*)p, (__m512i)_mm512_cvtne2ps_pbh(_mm512_load_ps(c + 32 * i + 16), _mm512_load_ps(c + 32 * i)));
    }
  };
}
auto storing_sum(bf16* to, long stride, const bf16* other) {
  return [=](long row, long column, const float* c) {
    for (int i = 0; i < 32; i++) {
      const long at = (row + i) * stride + column;
      narrow(to + at, _mm512_add_ps(_mm512_load_ps(c + 32 * i), widen(other + at)));
      narrow(to + at + 16, _mm512_add_ps(_mm512_load_ps(c + 32 * i + 16), widen(other + at + 16)));
    }
  };
}

/// y = x w^T, with `other` added if there is one.
void linear(const bf16* x, const bf16* w, long rows, long columns, long depth, bf16* y, const bf16* other = nullptr) {
  bf16* packed = scratch(0, columns * depth);
  pack_rows(w, depth, columns, depth, packed);
  if (other) multiply(Left::plain(x, depth), packed, rows, columns, depth, storing_sum(y, columns, other));
  else multiply(Left::plain(x, depth), packed, rows, columns, depth, storing(y, columns));
}

/// Backward of y = x w^T: dx = dy w (unless null), dw += dy^T x.
void linear_backward(const bf16* dy, const bf16* x, const bf16* w, long rows, long columns, long depth, bf16* dx, bf16* dw) {
  if (dx) {
    bf16* packed = scratch(0, columns * depth);
    pack_plain(w, depth, columns, depth, packed);
    multiply(Left::plain(dy, columns), packed, rows, depth, columns, storing(dx, depth));
  }
  bf16* left = scratch(1, rows * columns);
  bf16* right = scratch(2, rows * depth);
  pack_left(dy, columns, rows, columns, left);
  pack_plain(x, depth, rows, depth, right);
  multiply(Left::tiles(left, rows), right, columns, depth, rows, storing_sum(dw, depth, dw));
}

inline float rms_inverse(const bf16* x, long size, float eps) {
  __m512 sum = _mm512_setzero_ps();
  for (long i = 0; i < size; i += 16) { const __m512 v = widen(x + i); sum = _mm512_fmadd_ps(v, v, sum); }
  return 1.f / std::sqrt(_mm512_reduce_add_ps(sum) / size + eps);
}

void norm(const bf16* x, const bf16* w, long rows, long size, float eps, bf16* y) {
  for (long r = 0; r < rows; r++, x += size, y += size) {
    const __m512 scale = _mm512_set1_ps(rms_inverse(x, size, eps));
    for (long i = 0; i < size; i += 16) narrow(y + i, _mm512_mul_ps(_mm512_mul_ps(widen(x + i), scale), widen(w + i)));
  }
}

/// dx = other + backward of `norm` for dy; dw +=.
void norm_backward(const bf16* dy, const bf16* x, const bf16* w, long rows, long size, float eps, const bf16* other, bf16* dx, bf16* dw) {
  float* sums = scratch32(3, size);
  std::memset(sums, 0, 4 * size);
  for (long r = 0; r < rows; r++, x += size, dy += size, dx += size, other += size) {
    const float inverse = rms_inverse(x, size, eps);
    const __m512 scale = _mm512_set1_ps(inverse);
    __m512 dot = _mm512_setzero_ps();
    for (long i = 0; i < size; i += 16) {
      const __m512 g = widen(dy + i), hat = _mm512_mul_ps(widen(x + i), scale);
      dot = _mm512_fmadd_ps(_mm512_mul_ps(g, widen(w + i)), hat, dot);
      _mm512_storeu_ps(sums + i, _mm512_fmadd_ps(g, hat, _mm512_loadu_ps(sums + i)));
    }
    const __m512 mean = _mm512_set1_ps(_mm512_reduce_add_ps(dot) / size);
    for (long i = 0; i < size; i += 16) {
      const __m512 g = _mm512_mul_ps(widen(dy + i), widen(w + i)), hat = _mm512_mul_ps(widen(x + i), scale);
      narrow(dx + i, _mm512_fmadd_ps(scale, _mm512_fnmadd_ps(hat, mean, g), widen(other + i)));
    }
  }
  for (long i = 0; i < size; i += 16) narrow(dw + i, _mm512_add_ps(widen(dw + i), _mm512_loadu_ps(sums + i)));
}

/// Rotates `heads` heads of 64 of each row in place; `sign` -1 is the inverse, which is also the backward pass. Halves convention.
void rotate(bf16* x, long rows, long stride, long heads, long length, const float* cosines, const float* sines, float sign) {
  for (long r = 0; r < rows; r++) {
    const float *c = cosines + r % length * 32, *s = sines + r % length * 32;
    for (long h = 0; h < heads; h++)
      for (int i = 0; i < 32; i += 16) {
        bf16* p = x + r * stride + h * 64 + i;
        const __m512 a = widen(p), b = widen(p + 32), co = _mm512_loadu_ps(c + i), si = _mm512_mul_ps(_mm512_loadu_ps(s + i), _mm512_set1_ps(sign));
        narrow(p, _mm512_fnmadd_ps(b, si, _mm512_mul_ps(a, co)));
        narrow(p + 32, _mm512_fmadd_ps(a, si, _mm512_mul_ps(b, co)));
      }
  }
}

struct Shape {
  long batch, length, heads, kv;
  long hidden() const { return heads * 64; }
  long width() const { return (heads + 2 * kv) * 64; }
};
constexpr float SCALE = 0.125f;

/// Scores of 32 rows from `row` on against the keys up to them, s [32, length].
inline void scores(const Left& left, const bf16* right, long row, long length, float* s) {
  alignas(64) float c[1024];
  for (long column = 0; column <= row; column += 32) {
    product(left, row, right + column * 64, 0, 2, c, false);
    for (int i = 0; i < 32; i++) {
      _mm512_storeu_ps(s + i * length + column, _mm512_load_ps(c + 32 * i));
      _mm512_storeu_ps(s + i * length + column + 16, _mm512_load_ps(c + 32 * i + 16));
    }
  }
}

inline __mmask16 up_to(long count) { return count >= 16 ? 0xffff : count <= 0 ? 0 : (1 << count) - 1; }

void attend(const bf16* qkv, const Shape& shape, bf16* out, float* sums) {
  const long length = shape.length, width = shape.width(), hidden = shape.hidden();
  bf16 *keys = scratch(4, length * 64), *values = scratch(5, length * 64), *p = scratch(6, 32 * length);
  float* s = scratch32(7, 32 * length);
  alignas(64) float c[1024];
  for (long b = 0; b < shape.batch; b++)
    for (long g = 0; g < shape.kv; g++) {
      const bf16* rows = qkv + b * length * width;
      pack_rows(rows + (shape.heads + g) * 64, width, length, 64, keys);
      pack_plain(rows + (shape.heads + shape.kv + g) * 64, width, length, 64, values);
      for (long h = g * (shape.heads / shape.kv); h < (g + 1) * (shape.heads / shape.kv); h++) {
        const Left left = Left::plain(rows + h * 64, width);
        for (long row = 0; row < length; row += 32) {
          const long seen = row + 32;
          scores(left, keys, row, length, s);
          for (int i = 0; i < 32; i++) {
            float* line = s + i * length;
            const long count = row + i + 1;
            __m512 top = _mm512_set1_ps(-1e30f);
            for (long j = 0; j < seen; j += 16) top = _mm512_mask_max_ps(top, up_to(count - j), top, _mm512_loadu_ps(line + j));
            const float most = _mm512_reduce_max_ps(top) * SCALE;
            __m512 sum = _mm512_setzero_ps();
            for (long j = 0; j < seen; j += 16) {
              const __m512 e = _mm512_maskz_mov_ps(up_to(count - j), exp16(_mm512_fmsub_ps(_mm512_loadu_ps(line + j), _mm512_set1_ps(SCALE), _mm512_set1_ps(most))));
              sum = _mm512_add_ps(sum, e);
              _mm512_storeu_ps(line + j, e);
            }
            const float total = _mm512_reduce_add_ps(sum);
            const __m512 inverse = _mm512_set1_ps(1.f / total);
            for (long j = 0; j < seen; j += 16) narrow(p + i * length + j, _mm512_mul_ps(_mm512_loadu_ps(line + j), inverse));
            sums[(b * shape.heads + h) * length + row + i] = most + std::log(total);
          }
          for (long column = 0; column < 64; column += 32) {
            product(Left::plain(p, length), 0, values + column * length, 0, seen / 32, c, false);
            storing(out + (b * length + row) * hidden + h * 64, hidden)(0, column, c);
          }
        }
      }
    }
}

void attend_backward(const bf16* dout, const bf16* out, const bf16* qkv, const float* sums, const Shape& shape, bf16* dqkv) {
  const long length = shape.length, width = shape.width(), hidden = shape.hidden();
  bf16 *keys = scratch(4, length * 64), *values = scratch(5, length * 64), *plain_keys = scratch(8, length * 64);
  bf16 *p = scratch(9, length * length), *ds = scratch(10, length * length), *left_tiles = scratch(11, length * length);
  bf16 *queries = scratch(12, length * 64), *outs = scratch(13, length * 64);
  float *s = scratch32(7, 32 * length), *dp = scratch32(14, 32 * length), *dk = scratch32(15, length * 64), *dv = scratch32(16, length * 64);
  alignas(64) float c[1024];
  for (long b = 0; b < shape.batch; b++)
    for (long g = 0; g < shape.kv; g++) {
      const bf16* rows = qkv + b * length * width;
      bf16* drows = dqkv + b * length * width;
      pack_rows(rows + (shape.heads + g) * 64, width, length, 64, keys);
      pack_plain(rows + (shape.heads + g) * 64, width, length, 64, plain_keys);
      pack_rows(rows + (shape.heads + shape.kv + g) * 64, width, length, 64, values);
      std::memset(dk, 0, length * 256), std::memset(dv, 0, length * 256);
      for (long h = g * (shape.heads / shape.kv); h < (g + 1) * (shape.heads / shape.kv); h++) {
        const bf16* dout_h = dout + b * length * hidden + h * 64;
        const bf16* out_h = out + b * length * hidden + h * 64;
        const Left left = Left::plain(rows + h * 64, width), dleft = Left::plain(dout_h, hidden);
        for (long row = 0; row < length; row += 32) {
          const long seen = row + 32;
          scores(left, keys, row, length, s);
          scores(dleft, values, row, length, dp);
          for (int i = 0; i < 32; i++) {
            __m512 dot = _mm512_setzero_ps();
            for (int j = 0; j < 64; j += 16) dot = _mm512_fmadd_ps(widen(dout_h + (row + i) * hidden + j), widen(out_h + (row + i) * hidden + j), dot);
            const __m512 mean = _mm512_set1_ps(_mm512_reduce_add_ps(dot)), sum = _mm512_set1_ps(sums[(b * shape.heads + h) * length + row + i]);
            for (long j = 0; j < seen; j += 16) {
              const __m512 e = _mm512_maskz_mov_ps(up_to(row + i + 1 - j), exp16(_mm512_fmsub_ps(_mm512_loadu_ps(s + i * length + j), _mm512_set1_ps(SCALE), sum)));
              narrow(p + (row + i) * length + j, e);
              narrow(ds + (row + i) * length + j, _mm512_mul_ps(_mm512_mul_ps(e, _mm512_sub_ps(_mm512_loadu_ps(dp + i * length + j), mean)), _mm512_set1_ps(SCALE)));
            }
          }
          for (long column = 0; column < 64; column += 32) {
            product(Left::plain(ds, length), row, plain_keys + column * length, 0, seen / 32, c, false);
            storing(drows + row * width + h * 64, width)(0, column, c);
          }
        }
        pack_plain(rows + h * 64, width, length, 64, queries);
        pack_plain(dout_h, hidden, length, 64, outs);
        const std::pair<bf16*, std::pair<bf16*, float*>> parts[] = {{p, {outs, dv}}, {ds, {queries, dk}}};
        for (const auto& [weights, rest] : parts) {
          for (long column = 0; column < length; column += 32) {  // a key is seen by the rows from its own on
            const long first = column / 32, depth = length - column;
            pack_left(weights + column * length + column, length, depth, 32, left_tiles);
            for (long half = 0; half < 64; half += 32) {
              float* sum = rest.second + (first * 2 + half / 32) * 1024;
              product(Left::tiles(left_tiles, depth), 0, rest.first + half * length + first * 1024, 0, depth / 32, sum, true);
            }
          }
        }
      }
      for (long column = 0; column < length; column += 32)
        for (long half = 0; half < 64; half += 32) {
          const long at = (column / 32 * 2 + half / 32) * 1024;
          storing(drows + column * width + (shape.heads + g) * 64, width)(0, half, dk + at);
          storing(drows + column * width + (shape.heads + shape.kv + g) * 64, width)(0, half, dv + at);
        }
    }
}

inline __m512 sigmoid(__m512 x) {
  const __m512 d = _mm512_add_ps(_mm512_set1_ps(1.f), exp16(_mm512_sub_ps(_mm512_setzero_ps(), x))), r = _mm512_rcp14_ps(d);
  return _mm512_mul_ps(r, _mm512_fnmadd_ps(d, r, _mm512_set1_ps(2.f)));
}

void gate(const bf16* gu, long rows, long size, bf16* h) {
  for (long r = 0; r < rows; r++, gu += 2 * size, h += size)
    for (long i = 0; i < size; i += 16) {
      const __m512 g = widen(gu + i);
      narrow(h + i, _mm512_mul_ps(_mm512_mul_ps(g, sigmoid(g)), widen(gu + size + i)));
    }
}

void gate_backward(const bf16* dh, const bf16* gu, long rows, long size, bf16* dgu) {
  for (long r = 0; r < rows; r++, gu += 2 * size, dgu += 2 * size, dh += size)
    for (long i = 0; i < size; i += 16) {
      const __m512 g = widen(gu + i), u = widen(gu + size + i), d = widen(dh + i), one = _mm512_set1_ps(1.f), sig = sigmoid(g), silu = _mm512_mul_ps(g, sig);
      narrow(dgu + size + i, _mm512_mul_ps(d, silu));
      narrow(dgu + i, _mm512_mul_ps(_mm512_mul_ps(d, u), _mm512_mul_ps(sig, _mm512_fmadd_ps(g, _mm512_sub_ps(one, sig), one))));
    }
}

// Weights and gradients come in this order.
enum { NORM1, QKV, OUT, NORM2, GATE_UP, DOWN };

}  // namespace

extern "C" {

/// x [batch * length, heads * 64] -> y; also what the backward pass needs: qkv (rotated), attended, middle, gate_up, sums.
void layer_forward(long batch, long length, long heads, long kv, long inner, float eps, const float* cosines, const float* sines, const bf16* const* w, const bf16* x,
                   bf16* y, bf16* qkv, bf16* attended, bf16* middle, bf16* gate_up, float* sums) {
  const Tiles tiles;
  const Shape shape{batch, length, heads, kv};
  const long rows = batch * length, hidden = shape.hidden();
  bf16 *normed = scratch(17, rows * hidden), *h = scratch(18, rows * inner);
  norm(x, w[NORM1], rows, hidden, eps, normed);
  linear(normed, w[QKV], rows, shape.width(), hidden, qkv);
  rotate(qkv, rows, shape.width(), heads + kv, length, cosines, sines, 1.f);
  attend(qkv, shape, attended, sums);
  linear(attended, w[OUT], rows, hidden, hidden, middle, x);
  norm(middle, w[NORM2], rows, hidden, eps, normed);
  linear(normed, w[GATE_UP], rows, 2 * inner, hidden, gate_up);
  gate(gate_up, rows, inner, h);
  linear(h, w[DOWN], rows, hidden, inner, y, middle);
}

/// dy -> dx; the gradients of the weights are added to `dw`.
void layer_backward(long batch, long length, long heads, long kv, long inner, float eps, const float* cosines, const float* sines, const bf16* const* w, const bf16* x,
                    const bf16* qkv, const bf16* attended, const bf16* middle, const bf16* gate_up, const float* sums, const bf16* dy, bf16* const* dw, bf16* dx) {
  const Tiles tiles;
  const Shape shape{batch, length, heads, kv};
  const long rows = batch * length, hidden = shape.hidden();
  bf16 *normed = scratch(17, rows * hidden), *h = scratch(18, rows * inner), *dh = scratch(19, rows * inner), *dgu = scratch(20, rows * std::max(2 * inner, shape.width()));
  bf16 *dnormed = scratch(21, rows * hidden), *dmiddle = scratch(22, rows * hidden), *dattended = scratch(23, rows * hidden);
  gate(gate_up, rows, inner, h);
  linear_backward(dy, h, w[DOWN], rows, hidden, inner, dh, dw[DOWN]);
  gate_backward(dh, gate_up, rows, inner, dgu);
  norm(middle, w[NORM2], rows, hidden, eps, normed);
  linear_backward(dgu, normed, w[GATE_UP], rows, 2 * inner, hidden, dnormed, dw[GATE_UP]);
  norm_backward(dnormed, middle, w[NORM2], rows, hidden, eps, dy, dmiddle, dw[NORM2]);
  linear_backward(dmiddle, attended, w[OUT], rows, hidden, hidden, dattended, dw[OUT]);
  bf16* dqkv = dgu;  // free again
  attend_backward(dattended, attended, qkv, sums, shape, dqkv);
  rotate(dqkv, rows, shape.width(), heads + kv, length, cosines, sines, -1.f);
  norm(x, w[NORM1], rows, hidden, eps, normed);
  linear_backward(dqkv, normed, w[QKV], rows, shape.width(), hidden, dnormed, dw[QKV]);
  norm_backward(dnormed, x, w[NORM1], rows, hidden, eps, dmiddle, dx, dw[NORM1]);
}

/// Losses [rows] of hidden [rows, size] against embedding [vocabulary, size], each times its weight; dhidden; dembedding is added to.
/// Logits exist for 512 words at a time, and twice: first for their sum, then for the gradient.
void head(long rows, long size, long words, const bf16* hidden, const bf16* embedding, const int64_t* wanted, const float* weight, float* losses, bf16* dhidden, bf16* dembedding) {
  const Tiles tiles;
  const long panel = 512, padded = (rows + 31) / 32 * 32;
  bf16 *x = scratch(17, padded * size), *packed = scratch(0, panel * size), *g = scratch(18, padded * panel), *right = scratch(2, padded * size), *left = scratch(1, padded * panel);
  float *logits = scratch32(19, padded * panel), *dx = scratch32(20, padded * size);
  std::memcpy(x, hidden, 2 * rows * size), std::memset(x + rows * size, 0, 2 * (padded - rows) * size), std::memset(dx, 0, 4 * padded * size);
  std::vector<float> most(padded, -1e30f), total(padded, 0.f), target(padded, 0.f);
  const auto compute = [&](long word) {
    pack_rows(embedding + word * size, size, panel, size, packed);
    multiply(Left::plain(x, size), packed, padded, panel, size, [&](long row, long column, const float* c) {
      for (int i = 0; i < 32; i++) std::memcpy(logits + (row + i) * panel + column, c + 32 * i, 128);
    });
  };
  for (long word = 0; word < words; word += panel) {
    compute(word);
    for (long r = 0; r < rows; r++) {
      const float* line = logits + r * panel;
      __m512 top = _mm512_set1_ps(-1e30f), sum = _mm512_setzero_ps();
      for (long j = 0; j < panel; j += 16) top = _mm512_max_ps(top, _mm512_loadu_ps(line + j));
      const float now = std::max(most[r], _mm512_reduce_max_ps(top));
      for (long j = 0; j < panel; j += 16) sum = _mm512_add_ps(sum, exp16(_mm512_sub_ps(_mm512_loadu_ps(line + j), _mm512_set1_ps(now))));
      total[r] = total[r] * std::exp(most[r] - now) + _mm512_reduce_add_ps(sum);
      most[r] = now;
      if (wanted[r] >= word && wanted[r] < word + panel) target[r] = line[wanted[r] - word];
    }
  }
  for (long r = 0; r < rows; r++) losses[r] = weight[r] * (most[r] + std::log(total[r]) - target[r]);
  pack_plain(x, size, padded, size, right);
  std::memset(g, 0, 2 * padded * panel);
  for (long word = 0; word < words; word += panel) {
    compute(word);
    for (long r = 0; r < rows; r++) {
      const __m512 sum = _mm512_set1_ps(most[r] + std::log(total[r])), w = _mm512_set1_ps(weight[r]);
      float* line = logits + r * panel;
      for (long j = 0; j < panel; j += 16) _mm512_storeu_ps(line + j, _mm512_mul_ps(w, exp16(_mm512_sub_ps(_mm512_loadu_ps(line + j), sum))));
      if (wanted[r] >= word && wanted[r] < word + panel) line[wanted[r] - word] -= weight[r];
      for (long j = 0; j < panel; j += 16) narrow(g + r * panel + j, _mm512_loadu_ps(line + j));
    }
    bf16* dword = dembedding + word * size;
    pack_left(g, panel, padded, panel, left);
    multiply(Left::tiles(left, padded), right, panel, size, padded, storing_sum(dword, size, dword));
    pack_plain(embedding + word * size, size, panel, size, packed);
    multiply(Left::plain(g, panel), packed, padded, size, panel, [&](long row, long column, const float* c) {
      for (int i = 0; i < 32; i++)
        for (int j = 0; j < 32; j += 16) {
          float* p = dx + (row + i) * size + column + j;
          _mm512_storeu_ps(p, _mm512_add_ps(_mm512_loadu_ps(p), _mm512_load_ps(c + 32 * i + j)));
        }
    });
  }
  for (long i = 0; i < rows * size; i += 16) narrow(dhidden + i, _mm512_loadu_ps(dx + i));
}

/// w [columns, depth] as `packed_linear` reads it.
void pack(const bf16* w, long columns, long depth, bf16* to) { pack_rows(w, depth, columns, depth, to); }

/// y [rows, columns] = x w^T, plus bias [columns] and other [rows, columns] where they are not null.
void packed_linear(long rows, long columns, long depth, const bf16* x, const bf16* packed, const bf16* bias, const bf16* other, bf16* y) {
  Tiles tiles;
  multiply_long(x, packed, rows, columns, depth, [=](long row, long column, const float* c, const float*) {
    for (int i = 0; i < 32; i++)
      for (int half = 0; half < 32; half += 16) {
        __m512 sum = _mm512_load_ps(c + 32 * i + half);
        const long at = (row + i) * columns + column + half;
        if (bias) sum = _mm512_add_ps(sum, widen(bias + column + half));
        if (other) sum = _mm512_add_ps(sum, widen(other + at));
        narrow(y + at, sum);
      }
  });
}

/// y [rows, inner] = silu(x gate^T) * (x up^T); `packed` holds 32 rows of gate, the same 32 of up, and so on.
void packed_units(long rows, long inner, long depth, const bf16* x, const bf16* packed, bf16* y) {
  Tiles tiles;
  multiply_long(x, packed, rows, 2 * inner, depth, [=](long row, long column, const float* c, const float* gate) {
    if (column % 64 == 0) return;
    for (int i = 0; i < 32; i++)
      for (int half = 0; half < 32; half += 16) {
        const __m512 g = _mm512_load_ps(gate + 32 * i + half), up = _mm512_load_ps(c + 32 * i + half);
        const __m512 silu = _mm512_div_ps(g, _mm512_add_ps(_mm512_set1_ps(1.f), exp16(_mm512_sub_ps(_mm512_setzero_ps(), g))));
        narrow(y + (row + i) * inner + column / 2 - 16 + half, _mm512_mul_ps(silu, up));
      }
  });
}

void rms_norm(long rows, long size, float eps, const bf16* x, const bf16* w, bf16* y) { norm(x, w, rows, size, eps, y); }

}  // extern "C"
